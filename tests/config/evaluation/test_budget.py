import pytest
from config.expression_texts import evaluated
from config.toy import built

from bundlert.config.evaluation.error import ExpressionError
from bundlert.errors import ConfigError

ENDLESS = """
2 ** 2 ** 2 ** 30
10 ** 10 ** 10
(-3) ** 10 ** 9
1 << 10 ** 9
1 << 9999 << 9999
2 ** 9000 * 2 ** 9000
'a' * 10 ** 10
10 ** 10 * 'a'
[0] * 10 ** 10
(0,) * 10 ** 10
b'a' * 10 ** 10
[0] * np.int64(10 ** 10)
'a' * torch.tensor(10 ** 10)
range(10 ** 12)
range(10 ** 30)
list(range(10 ** 6)) * 100
str([[0] * 10 ** 6] * 20)
[0 for x in range(10 ** 4) for y in range(10 ** 4)]
[list(range(10 ** 6)) for x in range(10 ** 5)]
[sum(range(10 ** 6)) for x in range(10 ** 5)]
[*range(10**6)] * 11
['a' * 10 ** 7 for x in range(10 ** 5)]
[xs[:] for xs in [[0] * 10 ** 6] for i in range(10 ** 5)]
f'{1:1000000000}'
f'{1:{10 ** 9}}'
f'{1.5:.1000000000f}'
f'{t:x>1000000000}'
'%1000000000d' % 1
'%*d' % (10 ** 9, 1)
'%.1000000000f' % 1
'%(a)1000000000d' % {'a': 1}
'%((a))99999d' % {'(a)': 1}
b'%1000000000d' % 1
('%s' * 400) % (('a' * 10 ** 7,) * 400)
('%s' * 1000) % t
'a'.ljust(10 ** 10)
'a'.rjust(10 ** 10)
'a'.center(10 ** 10)
'1'.zfill(10 ** 10)
('a' * 10 ** 6).replace('a', 'b' * 10 ** 6)
('a' * 10 ** 6).join(['b'] * 10 ** 6)
('a' * 10 ** 6).join('b' * 10 ** 6)
sorted(['b' * 10 ** 5] * 10 ** 3, key=('a' * 10 ** 5).join)
sum([[0]] * 10 ** 6, [0] * 10 ** 7)
sum([(0,)] * 10 ** 5, ())
math.prod(range(1, 10 ** 5))
math.prod([2 ** 9000] * 3)
round(1, -10 ** 9)
round(1.5, ndigits=10 ** 9)
int('f' * 10 ** 6, 16)
torch.zeros(10 ** 12)
torch.ones(10 ** 6, 10 ** 6)
torch.zeros((10 ** 6, 10 ** 6))
torch.zeros(size=(10 ** 12,))
np.arange(10 ** 12)
np.arange(0, 1, 1e-12)
np.arange(stop=10 ** 12)
np.linspace(0, 1, 10 ** 12)
np.linspace(0, 1, num=10 ** 12)
np.linspace(0, 1, True * 10 ** 12)
np.arange(10 ** 5)[:, None] + np.arange(10 ** 5)
np.arange(10 ** 5)[:, None] == np.arange(10 ** 5)
torch.zeros(10 ** 5, 1) @ torch.zeros(1, 10 ** 5)
np.arange(10 ** 5)[:, None] / ([1.0] * 10 ** 5)
sum([np.arange(10 ** 5)[:, None], np.arange(10 ** 5)])
np.arange(10 ** 5)[:, None] * ([1] * 10 ** 5)
torch.zeros(1, 10 ** 6)[[0] * 10 ** 6]
np.arange(10)[np.arange(9)[:, None], [0] * 10]
torch.zeros(10 ** 5, 1).max(torch.zeros(10 ** 5))
np.array([1], dtype='V1000000000')
np.array([1], 'S1000000000')
np.array([1], dtype=('f4', (10 ** 9,)))
np.array([1], dtype=[('a', 'V1000000000')])
np.linspace(0, 1, dtype='U100000000')
np.array(['a' * 10 ** 6] + [''] * 10 ** 6)
np.array([2 ** 99]) ** 10 ** 9
[torch.zeros(-10 ** 9), torch.zeros(10 ** 9)]
str([[0] * 10 ** 6] * 10 ** 6)
[[0] * 10 ** 6] * 10 ** 6 == [[0] * 10 ** 6] * 10 ** 6
{([0] * 10 ** 6,) * 10 ** 6}
[a.extend(a) for a in [[1]] for i in range(60)]
np.array([1]).astype('V1000000000')
np.array([1]).astype(dtype='S1000000000')
np.ones(3, 'V1000000000')
np.zeros(3, [('a', 'V1000000000')])
torch.rand(10 ** 12)
torch.randn(10 ** 6, 10 ** 6)
torch.where(torch.ones(10 ** 5, 1) > 0, torch.ones(10 ** 5), torch.zeros(1))
list(map(torch.zeros, [10 ** 12]))
list(filter(torch.zeros, [10 ** 12]))
max([10 ** 12], key=torch.zeros)
sorted([10 ** 12], key=lambda n: torch.zeros(n))
(lambda n: [0] * n)(10 ** 10)
[(lambda n: sum(range(n)))(10 ** 6) for x in range(10 ** 5)]
[[a, str(a)] for a in [[1]] if not a.extend([a, a])]
""".strip().splitlines()


@pytest.mark.parametrize("text", ENDLESS)
def test_endless_work_is_refused_before_it_is_done(text):
    with pytest.raises((ExpressionError, ValueError, OverflowError, TypeError, RuntimeError)) as caught:
        evaluated(text)
    told = str(caught.value)
    assert any(word in told for word in ("more than", "at most", "too wide", "must hold", "takes one list", "negative"))


def test_values_that_share_their_parts_are_counted_as_they_print():
    lines = ["a0: $[1, 1]", *(f"a{index}: $[@a{index - 1}] * 10" for index in range(1, 12))]
    for text in ("$str(@a11)", "$@a11 == @a10"):
        with pytest.raises(ConfigError, match=r"more than 3,000,000 items to compute with\n  at: c.yaml:13:4 \(x\)"):
            built("\n".join([*lines, f"x: {text}"]), "x")


def test_honest_work_is_within_the_budget():
    assert evaluated("len([x for x in range(100_000) if x % 2])") == 50_000
    assert evaluated("sum(range(1_000_000))") == 499_999_500_000
    assert len(evaluated("str(2 ** 4_500)")) == 1355
    samples = "[dict(name='case_' + str(x), image='a/b/c.nii.gz') for x in range(1000)]"
    assert evaluated(f"len([s for s in {samples} if s['name'] in ['case_' + str(y) for y in range(20)]])") == 20
