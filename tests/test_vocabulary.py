"""The words for what predictions and targets are, and the tables that go by them."""

import numpy as np
import pytest

import sklosses
from sklosses import _answers, _checks, _description, _labels, _links, linear_model, plotting
from sklosses._description import OWN_LINKS, RESPONSES, TARGETS, LossTags
from sklosses.base import _REGISTRY
from sklosses.losses import custom

#: Links that have rows of their own.
LINKS = OWN_LINKS.keys() - {"response"}

#: Tables with a row for every response.
WHOLE = {
    "links": {*_links.LINKS} - (LINKS - RESPONSES.keys()),
    "scorers": _answers.RESPONSES,
}

#: Tables with rows for those that they are about.
OF_RESPONSES = {
    "custom losses": custom._PREDICTIONS,
    "curves": plotting._RANGES,
    "reasons not to score": _answers.NO_SCORE.keys() - TARGETS.keys(),
    "batches": _checks._BATCHES,
    "rows": _checks._ROWS,
    "regressor": linear_model.LossRegressor._responses,
    "classifier": linear_model.LossClassifier._responses,
}
OF_TARGETS = {
    "custom losses": custom._TARGETS,
    "curves": plotting._TARGETS,
    "reasons not to score": _answers.NO_SCORE.keys() - RESPONSES.keys(),
    "for each class": _labels.PER_CLASS,
    "for each question": _labels.PER_QUESTION,
    "regressor": linear_model.LossRegressor._targets,
    "classifier": linear_model.LossClassifier._targets,
}


@pytest.mark.parametrize("name", WHOLE)
def test_tables_cover_every_response(name):
    assert set(WHOLE[name]) == set(RESPONSES)


@pytest.mark.parametrize(
    ("rows", "words"),
    [(rows, RESPONSES) for rows in OF_RESPONSES.values()]
    + [(rows, TARGETS) for rows in OF_TARGETS.values()],
)
def test_other_tables_have_no_other_words(rows, words):
    assert rows
    assert set(rows) <= set(words)


def test_every_word_is_used():
    losses = [*map(sklosses.get_loss, _REGISTRY), sklosses.PoissonNLLLoss(log_input=False)]
    assert {loss.tags.response for loss in losses} == set(RESPONSES)
    assert {loss.tags.target for loss in losses} == set(TARGETS)
    assert {loss.tags.link for loss in losses} == set(OWN_LINKS)
    assert set(_links.LINKS) >= LINKS


@pytest.mark.parametrize("tag", ["response", "target", "hessian", "gradient", "link"])
def test_other_words_are_refused(tag):
    words = {"response": "real", "target": "real", tag: "reel"}
    allowed = ", ".join(map(repr, _description._VOCABULARY[tag]))
    message = f"The {tag!r} parameter of LossTags must be a str among {{{allowed}}}. Got 'reel'"
    with pytest.raises(ValueError, match=message):
        LossTags(**words)


def test_tags_of_another_type():
    for tag in "response", "target", "hessian", "gradient", "link":
        words = {"response": "real", "target": "real", tag: ["real"]}
        with pytest.raises(ValueError, match=rf"{tag!r} .* must be a str among .* Got \['real'\]"):
            LossTags(**words)
    for convex in "yes", 1, None:
        with pytest.raises(ValueError, match="'convex' parameter of LossTags must be a bool"):
            LossTags("real", "real", convex=convex)
    for loss in (
        sklosses.CustomLoss(value=np.subtract, response=["real"]),
        sklosses.CustomLoss(value=np.subtract, target=["real"]),
    ):
        for call in loss, loss.gradient, loss.partial, loss.optimal_constant:
            with pytest.raises(ValueError, match=r"must be a str among .* Got \['real'\] instead"):
                call([1.0], [2.0])


def test_tags_are_checked_when_a_class_is_made():
    def tags(loss):
        return LossTags(response="logits", target="binary")

    names = {"function_name": "misspelt", "tags": _description.by_parameters(tags)}
    with pytest.raises(ValueError, match="'response' parameter of LossTags"):
        type("Misspelt", (sklosses.BCELoss,), names)
    with pytest.raises(TypeError, match=r"Misspelt\.tags must be LossTags"):
        type("Misspelt", (sklosses.BCELoss,), names | {"tags": ("logit", "binary")})
    assert "misspelt" not in _REGISTRY
