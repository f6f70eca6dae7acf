"""Which service of the catalogue an event is about."""

import pytest

from worker.domain.event import Event
from worker.oncall.catalogue import service_meant
from worker.oncall.definitions import Definitions, ServiceRecord

CHECKOUT = ServiceRecord("Checkout", words=("shop", "check out", "basket"))
PAYMENTS = ServiceRecord("payments", words=("pay", "pay api", "shop", "Straße"))
TWINS = (ServiceRecord("Search"), ServiceRecord("SEARCH"))


def meant(*services, title="Something is down", service=""):
    event = Event(title=title, service=service)
    return service_meant(Definitions(services={each.name: each for each in services}), event)


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("Checkout", CHECKOUT),
        ("checkout", CHECKOUT),
        (" CHECKOUT ", CHECKOUT),
        ("Check  Out", CHECKOUT),
        ("PAY", PAYMENTS),
        ("STRASSE", PAYMENTS),
        ("checkouts", None),
        ("pay ap", None),
        ("default", None),
    ],
)
def test_a_named_service_is_taken_by_its_name_or_a_word(named, found):
    """Whole, without regard to case and spacing; the title counts for nothing then."""
    answer = meant(CHECKOUT, PAYMENTS, service=named, title="pay")
    assert (answer.service, answer.note) == (found, "")


def test_a_name_goes_before_the_word_of_another():
    """Whoever is called so is meant, whatever others are also called."""
    shop = ServiceRecord("Shop")
    assert meant(CHECKOUT, PAYMENTS, shop, service="shop").service is shop


def test_the_spelling_tells_two_services_apart():
    """Where two names differ by case alone, the one that is written so is meant."""
    assert meant(*TWINS, service="SEARCH").service is TWINS[1]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("BASKET is full", CHECKOUT),
        ("full: basket", CHECKOUT),
        ("[basket] 5xx", CHECKOUT),
        ("the basket's door", CHECKOUT),
        ("baskets", None),
        ("my_basket", None),
        ("basket2", None),
        ("baskets and a basket", CHECKOUT),
        ("errors in check\tout", CHECKOUT),
        ("pay api", PAYMENTS),
        ("Checkout is down", None),
        ("basket of pay api", PAYMENTS),
        ("basket shop", CHECKOUT),
    ],
)
def test_without_a_service_a_word_of_the_title_tells_it(title, found):
    """As a whole word, the longest first; names of services are no such words."""
    answer = meant(CHECKOUT, PAYMENTS, title=title)
    assert (answer.service, answer.note) == (found, "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": "shop is down"}, "have a word of the title ('shop'): 'Checkout', 'payments'"),
        ({"service": "shop"}, "are called 'shop': 'Checkout', 'payments'"),
        ({"service": "search"}, "are called 'search': 'Search', 'SEARCH'"),
    ],
)
def test_of_several_none_is_taken_and_it_is_said(given, said):
    """A guess would send half of the incidents to the wrong people."""
    answer = meant(CHECKOUT, PAYMENTS, *TWINS, **given)
    assert answer.service is None
    assert said in answer.note


def test_a_long_title_against_many_words_is_read_quickly():
    """Its cost is that of words times characters, whatever stands in it."""
    many = [ServiceRecord(f"s{number}", words=("a" * 40,)) for number in range(2_000)]
    assert meant(*many, title="a" * 500).service is None
