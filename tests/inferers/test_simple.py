import torch

from bundlert.inferers.simple import SimpleInferer


def test_the_network_sees_the_batch_as_it_is_and_its_result_comes_back():
    seen = []
    images, scores = torch.randn(2, 1, 4, 5), torch.randn(2, 3, 4, 5)

    def network(given):
        seen.append(given)
        return scores

    assert SimpleInferer()(network, images) is scores
    assert len(seen) == 1
    assert seen[0] is images
