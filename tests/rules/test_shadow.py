"""What the examples of the rules on shadow variants and shadow tests do not show."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples import examples
from constructs_lib.rules.examples.bases import ARTIFACT, IMAGE
from constructs_lib.rules.examples.example import ABSENT, Document, changed
from tests.rules.support import found

SHADOWED = examples()["SHADOW-NO-ASYNC"][0].passes
EXPERIMENT = examples()["SHADOW-EXP-TYPE"][0].passes
MULTI_MODEL = {"Image": IMAGE, "ModelDataUrl": "s3://models-123456789012/all/", "Mode": "MultiModel"}
PIPELINE = [{"Image": IMAGE, "ModelDataUrl": ARTIFACT} for _ in range(2)]
MODE = "Experiment.ShadowModeConfig"


def with_pipeline(document: Document, model_id: str, **properties: object) -> Document:
    changes = {f"{model_id}.{name}": value for name, value in properties.items()}
    return changed(document, {f"{model_id}.PrimaryContainer": ABSENT, f"{model_id}.Containers": PIPELINE, **changes})


def test_more_production_variants_than_one_are_said_of_the_production_variants() -> None:
    [finding] = found(examples()["SHADOW-COUNT"][1].fails, "SHADOW-COUNT")
    assert finding.path == "Properties.ProductionVariants"
    assert "got 2" in finding.message


@pytest.mark.parametrize("model_id", ["Model", "Challenger"])
def test_neither_variant_may_be_a_multi_model_one(model_id: str) -> None:
    [finding] = found(changed(SHADOWED, {f"{model_id}.PrimaryContainer": MULTI_MODEL}), "SHADOW-NO-MME")
    assert finding.path.endswith("ModelName")


@pytest.mark.parametrize("list_name", ["ProductionVariants", "ShadowProductionVariants"])
def test_neither_variant_may_be_on_inf1(list_name: str) -> None:
    [finding] = found(changed(SHADOWED, {f"Config.{list_name}.0.InstanceType": "ml.inf1.xlarge"}), "SHADOW-NO-INF1")
    assert finding.path == f"Properties.{list_name}.0.InstanceType"
    assert "ml.inf1.xlarge" in finding.message


def test_a_pipeline_is_a_warning_and_direct_invocation_an_error() -> None:
    [pipeline] = found(with_pipeline(SHADOWED, "Model"), "SHADOW-NO-MCE")
    [direct] = found(with_pipeline(SHADOWED, "Model", InferenceExecutionConfig={"Mode": "Direct"}), "SHADOW-NO-MCE")
    assert (pipeline.severity, direct.severity) == (Severity.WARNING, Severity.ERROR)


def test_what_shadow_variants_exclude_is_sound_without_them() -> None:
    alone = changed(SHADOWED, {"Config.ShadowProductionVariants": ABSENT})
    assert judge(with_pipeline(alone, "Model")) == []
    assert found(changed(alone, {"Config.ProductionVariants.0.InstanceType": "ml.inf1.xlarge"}), "SHADOW-NO-INF1") == []


def test_shadow_variants_that_are_no_value_are_absent() -> None:
    document = with_pipeline(SHADOWED, "Model")
    assert judge(changed(document, {"Config.ShadowProductionVariants": {"Ref": "AWS::NoValue"}})) == []


def test_the_models_of_a_shadow_test_are_judged_like_those_of_shadow_variants() -> None:
    [finding] = found(changed(EXPERIMENT, {"Challenger.PrimaryContainer": MULTI_MODEL}), "SHADOW-NO-MME")
    assert (finding.logical_id, finding.path) == ("Experiment", "Properties.ModelVariants.1.ModelName")


def test_the_instance_types_of_a_shadow_test_are_those_of_endpoints() -> None:
    place = "Experiment.ModelVariants.0.InfrastructureConfig.RealTimeInferenceConfig.InstanceType"
    assert len(found(changed(EXPERIMENT, {place: "ml.t3.medium"}), "VAR-TYPE")) == 1


def test_names_of_variants_that_are_not_known_are_not_compared() -> None:
    unknown = changed(EXPERIMENT, {"Experiment.ModelVariants.0.VariantName": {"Ref": "Name"}})
    assert judge(changed(unknown, {f"{MODE}.SourceModelVariantName": "Other"})) == []


def test_the_names_to_choose_from_are_given() -> None:
    [finding] = found(changed(EXPERIMENT, {f"{MODE}.SourceModelVariantName": "Other"}), "SHADOW-EXP-NAMES")
    assert "'Other'" in finding.message
    assert finding.fix == "give AllTraffic and Shadow"


@pytest.mark.parametrize("end", [{"Ref": "End"}, "soon", ABSENT])
def test_a_schedule_that_cannot_be_read_is_not_judged(end: object) -> None:
    assert judge(changed(EXPERIMENT, {"Experiment.Schedule.EndTime": end})) == []


def test_times_with_and_without_a_zone_are_compared() -> None:
    schedule = {"StartTime": "2027-01-01T00:00:00", "EndTime": "2027-03-01T00:00:00+01:00"}
    [finding] = found(changed(EXPERIMENT, {"Experiment.Schedule": schedule}), "SHADOW-EXP-DURATION")
    assert "at most 30 days, got 58 days" in finding.message
