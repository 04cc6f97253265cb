import pytest

from bundlert.errors import ComponentError
from bundlert.registry.dialects import ARGUMENTS, IN_USE, NAMES, ROOT, spellings
from bundlert.registry.index import COMPONENTS, Component
from bundlert.registry.registry import Registry, standard

BY_NAME = {component.name: component for component in COMPONENTS}


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        *((spelling, "Spacing") for spelling in ("Spacingd", "SpacingD", "SpacingDict", "monai.transforms.Spacing")),
        ("monai.transforms.Spacingd", "Spacing"),
        ("monai.transforms.spatial.dictionary.Spacingd", "Spacing"),
        ("monai.transforms.spatial.dictionary.SpacingDict", "Spacing"),
        ("monai.transforms.Compose", "Compose"),
        ("SpatialPadd", "SpatialPad"),
        ("LoadImaged", "LoadImage"),
        ("RandCropByPosNegLabeld", "RandCropByPosNegLabel"),
        ("AsDiscreted", "AsDiscrete"),
        *((spelling, "RandElastic") for spelling in ("Rand3DElastic", "Rand3DElasticd", "Rand2DElasticDict")),
        ("monai.transforms.spatial.dictionary.Rand3DElasticd", "RandElastic"),
        ("monai.networks.nets.UNet", "UNet"),
        ("monai.networks.nets.unet.UNet", "UNet"),
        ("monai.networks.nets.Unet", "UNet"),
        ("monai.losses.DiceCELoss", "DiceCELoss"),
        ("monai.losses.dice.DiceLoss", "DiceLoss"),
        ("monai.inferers.SlidingWindowInferer", "SlidingWindowInferer"),
        ("monai.optimizers.Novograd", "Novograd"),
        ("monai.handlers.MeanDice", "MeanDice"),
        ("monai.handlers.ValidationHandler", "ValidationHandler"),
        ("monai.handlers.from_engine", "from_engine"),
        ("monai.utils.set_determinism", "set_determinism"),
        ("monai.utils.misc.first", "first"),
        ("monai.data.load_decathlon_datalist", "load_decathlon_datalist"),
        ("monai.data.utils.partition_dataset", "partition_dataset"),
        *((spelling, "MemoryCache") for spelling in ("CacheDataset", "monai.data.CacheDataset")),
        *((spelling, "Loader") for spelling in ("DataLoader", "ThreadDataLoader", "monai.data.ThreadDataLoader")),
        ("SupervisedTrainer", "Trainer"),
        ("monai.engines.SupervisedEvaluator", "Evaluator"),
    ],
)
def test_the_fields_spelling_means_our_component(spelling, name):
    assert standard().find(spelling) is BY_NAME[name]
    assert spelling in standard()


@pytest.mark.parametrize(
    "spelling",
    [
        *("monai.losses.UNet", "monai.UNet", "monai.transforms.UNet", "monai.transformsx.Spacing", "UNetd", "Composed"),
        *(
            "monai.data.MemoryCache",
            "monai.engines.Trainer",
            "monai.data.Loader",
            "MemoryCached",
            "Spacingdd",
            "Novogra",
        ),
        *("monai.transforms.RandElastic", "RandElasticd", "CacheDatasetd"),
        *("monai.networks.UNet", "monai.handlers.RunLog", "spacingd", "Monai.transforms.Spacing", "first.monai"),
    ],
)
def test_what_the_field_doesnt_spell_so_is_unknown(spelling):
    with pytest.raises(ComponentError, match=f"there is no component called '{spelling}'"):
        standard().find(spelling)


def test_our_own_names_come_first():
    own = Component("transform", "Spacingd", "somebody.else", "a plugin's")
    assert Registry([*COMPONENTS, own]).find("Spacingd") is own


def test_a_plugins_component_is_not_the_fields():
    registry = Registry([Component("transform", "Brighten", "somebody.else", "")])
    for spelling in ("Brightend", "monai.transforms.Brighten"):
        with pytest.raises(ComponentError, match="there is no component called"):
            registry.find(spelling)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
def test_each_spelling_that_is_told_of_a_component_leads_to_it(component):
    for spelling in spellings(component):
        assert standard().find(spelling) is component


@pytest.mark.parametrize(
    ("wrong", "guess"),
    [
        *(("Spacngd", "Spacing"), ("monai.transforms.Spacngd", "Spacing"), ("monai.losses.UNet", "UNet")),
        *(("CacheDatset", "MemoryCache"), ("SupervisdTrainer", "Trainer"), ("monai.networks.nets.UNett", "UNet")),
    ],
)
def test_a_near_miss_is_answered_with_our_name(wrong, guess):
    with pytest.raises(ComponentError) as caught:
        standard().find(wrong)
    assert str(caught.value) == f"there is no component called '{wrong}'\n  try: did you mean '{guess}'?"


def test_what_the_field_has_and_we_dont_yet_is_told_so():
    registry = Registry([BY_NAME["RandScaleIntensity"]])
    for spelling in ("RandZoomd", "RandZoom", "monai.transforms.RandZoomd", "monai.networks.nets.DynUNet"):
        with pytest.raises(ComponentError) as caught:
            registry.find(spelling)
        assert caught.value.what == f"the field's '{spelling}' isn't built here yet"
        assert caught.value.hint == "see `bundlert list components`"
    with pytest.raises(ComponentError) as caught:
        registry.find("ScaleIntensityd")
    assert str(caught.value) == (
        "the field's 'ScaleIntensityd' isn't built here yet\n  try: the nearest that is: 'RandScaleIntensity'"
    )


def test_renamed_things_are_ours_and_their_arguments_too():
    assert set(NAMES.values()) <= set(BY_NAME)
    assert set(ARGUMENTS) <= set(BY_NAME)
    assert not set(NAMES) & set(BY_NAME)
    assert ROOT == "monai"
    assert all(name.isidentifier() for name in IN_USE)
