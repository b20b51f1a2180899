"""What notebooks show of losses, scorers and estimators."""

from html.parser import HTMLParser

import pytest
import sklearn

from sklosses import CustomLoss, HuberLoss, get_loss, get_loss_names, make_loss_scorer
from sklosses.boosting import LossBoostingClassifier
from sklosses.linear_model import LossClassifier, LossRegressor
from sklosses.metric_learning import LossEmbedding


class Reader(HTMLParser):
    """The tags, of which each has to be closed, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


@pytest.mark.parametrize("name", get_loss_names())
def test_losses(name):
    loss = get_loss(name)
    bundle = loss._repr_mimebundle_()
    assert bundle["text/plain"] == repr(loss)
    text = read(bundle["text/html"]).text
    assert type(loss).__name__ in text
    for param, value in loss.get_params().items():
        assert param in text
        assert repr(value) in text
    assert loss._repr_html_() == bundle["text/html"]


def test_formula_and_source():
    text = read(get_loss("sigmoid_focal_loss")._repr_html_()).text
    assert "$$" in text
    assert r"\gamma" in text
    assert "Focal Loss for Dense Object Detection" in text
    assert ":math:" not in text


def test_what_users_pass_is_escaped():
    class Nasty:
        def __call__(self, y_true, y_pred):
            return y_pred

        def __repr__(self):
            return "<script>alert('&')</script>"

    reader = read(CustomLoss(value=Nasty())._repr_html_())
    assert "script" not in reader.seen
    assert "<script>alert('&')</script>" in reader.text


def test_display_as_text():
    with sklearn.config_context(display="text"):
        assert not hasattr(HuberLoss(), "_repr_html_")
        assert HuberLoss()._repr_mimebundle_() == {"text/plain": "HuberLoss()"}


@pytest.mark.parametrize(
    "estimator",
    [
        LossRegressor(),
        LossClassifier(),
        LossEmbedding(),
        LossBoostingClassifier(),
        make_loss_scorer("huber_loss"),
    ],
    ids=lambda item: type(item).__name__,
)
def test_estimators_and_scorers_show_a_diagram(estimator):
    html = estimator._repr_mimebundle_()["text/html"]
    assert type(estimator).__name__ in html
    assert "sk-container" in html or "sk-top-container" in html
