"""Work items as they are read: people, relations and addresses in all the forms they come in."""

import pytest

from worker.clients.boards.items import Identity, Item, Relation, normalised


@pytest.mark.parametrize("value", [None, "", {}, {"displayName": None}])
def test_nobody_is_nobody(value):
    """An empty identity, in any form, is no person."""
    assert Identity.of(value) is None


def test_a_nameless_identity_answers_to_no_empty_name():
    """Somebody without an address is not everybody without an address."""
    ann = Identity.of("Ann Lee")
    assert ann is not None
    assert ann.answers_to("ann lee")
    assert not ann.answers_to("")
    assert not ann.answers_to("<>")


def test_a_relation_names_the_item_at_its_end():
    """The id is read from the address, whatever stands before it; a hyperlink has none."""
    assert Relation("x", "https://dev.azure.com/org/guid/_apis/wit/workItems/131").item_id == 131
    assert Relation("Hyperlink", "https://example.com/ticket").item_id is None


@pytest.mark.parametrize("url", ["", "no address", "https://[broken", "https://example.com/%zz"])
def test_any_text_can_be_compared_as_an_address(url):
    """People write all sorts of links into a work item; none of them breaks the step that reads them."""
    assert normalised(url) == normalised(url.strip())


def test_tags_are_read_as_the_service_joins_them():
    """Each by itself, and found in whatever case it was written."""
    item = Item(1, 1, "", {"System.Tags": "eu; False alarm ;incident"})
    assert item.tags == ("eu", "False alarm", "incident")
    assert item.has_tag("false alarm")
    assert not item.has_tag("false")
    assert Item(1, 1, "", {}).tags == ()
