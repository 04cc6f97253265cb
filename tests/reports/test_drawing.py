import xml.etree.ElementTree as ET

from bundlert.config.graph import Graph, Vertex
from bundlert.reports.drawing import to_svg

SPACE = "{http://www.w3.org/2000/svg}"
GRAPH = Graph(
    {"net": Vertex("net", "network", "UNet"), "run": Vertex("run", "run", "$f(@net) < 3 & 'x'")}, [("run", "net")]
)


def test_the_picture_is_whole_xml_with_a_box_for_each_thing_and_a_curve_for_each_need():
    root = ET.fromstring(to_svg(GRAPH, "toy train"))  # noqa: S314 (our own text)
    words = [one.text for one in root.iter(f"{SPACE}text")]
    assert words == ["toy train", "network", "run", "net", "UNet", "run", "$f(@net) < 3 & 'x'"]
    assert len([one for one in root.iter(f"{SPACE}path") if one.get("class") == "line"]) == 1


def test_everything_lies_within_the_picture():
    root = ET.fromstring(to_svg(GRAPH, "toy train"))  # noqa: S314 (our own text)
    width, height = float(root.get("width")), float(root.get("height"))
    for box in root.iter(f"{SPACE}rect"):
        assert float(box.get("x", 0)) + float(box.get("width")) <= width
        assert float(box.get("y", 0)) + float(box.get("height")) <= height


def test_needs_of_nothing_are_an_empty_picture():
    assert ET.fromstring(to_svg(Graph({}, []), "nothing")).tag == f"{SPACE}svg"  # noqa: S314 (our own text)
