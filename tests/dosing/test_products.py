"""The table of drugs and products."""

import pytest

from ketasim.core.citations import references
from ketasim.dosing import ROUTES, Regimen, drugs, products
from ketasim.dosing.catalogue import default_product, drug_words, find_product, hcl_to_base

STATUS = {"verified", "secondary", "recalled", "assumed"}


@pytest.mark.parametrize("name", sorted(drugs()))
def test_every_drug_has_routes_and_sourced_limits(name: str):
    drug = drugs()[name]
    assert set(drug.routes) <= set(ROUTES) and drug.routes
    for limit in drug.limits:
        assert limit.route in drug.routes
        assert limit.status in STATUS and limit.source in references()
        assert (limit.single is None) != (limit.rate is None)
        assert limit.unit == ("mg/kg/h" if limit.rate is not None else limit.unit)
        assert limit.unit in ("mg", "mg/kg", "mg/kg/h", "mg/h")
        assert (limit.single or limit.rate or 0) > 0
    shares = dict(drug.moieties)
    assert (sum(shares.values()) == 1 and set(shares) == {"S", "R"}) if drug.kind == "ketamine" else not shares


@pytest.mark.parametrize("name", sorted(products()))
def test_every_product_is_sourced_and_fits_its_defaults(name: str):
    product = products()[name]
    assert product.status in STATUS and product.source in references()
    assert set(product.routes) <= set(ROUTES)
    assert set(product.drugs) <= {"*", *drugs()}
    for drug, route in product.default_for:
        assert product.suits(drug, route) and default_product(drug, route) == name
        assert route in drugs()[drug].routes
        assert find_product(name, drug, route) is product


def test_one_default_for_each_drug_and_route():
    pairs = [pair for p in products().values() for pair in p.default_for]
    assert len(pairs) == len(set(pairs))


def test_names_are_unambiguous():
    words = [w for d in drugs().values() for w in (d.name, *d.aliases)]
    assert len(words) == len(set(words)) == len(drug_words())


def test_salt_factor_from_the_masses():
    # C13H16ClNO 237.73 g/mol and its hydrochloride 274.19 g/mol.
    assert hcl_to_base() == pytest.approx(237.73 / 274.19, abs=5e-4)


def test_vials_hold_what_the_label_says():
    # 200 mg in 20 mL, 500 mg in 10 mL, 500 mg in 5 mL, all of base.
    for name, volume, content in (("vial_10", 20, 200), ("vial_50", 10, 500), ("vial_100", 5, 500)):
        (dose,) = Regimen.parse(f"{volume} mL iv as {name}").doses
        assert dose.amount == content
