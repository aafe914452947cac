"""Sentences that cannot be read: one line that names field and value, says what is allowed and points at the word."""

import pickle

import pytest

from ketasim.core.errors import InputError
from ketasim.dosing import Regimen, RegimenError

END = "(end of sentence)"
IV = "0.5 mg/kg iv"

# sentence, field, the words pointed at, a part of what the message must say
BAD = [
    ("", "regimen", "", "a dose"),
    ("   ", "regimen", "", "a dose"),
    ("kitamine 0.5 mg/kg iv", "drug", "kitamine", "Did you mean 'ketamine'?"),
    ("0.5 mg/kg ivv over 40 min", "route", "ivv", "Did you mean 'iv'?"),
    ("0.5 mg/kg epidural", "route", "epidural", "iv, im, sc, intranasal, oral, sublingual, buccal, rectal, inhaled"),
    ("0.5 mg/kg", "route", "", "sublingual"),
    ("0.5 mg/kg over 40 min", "route", "", "Say how it is given"),
    ("midazolam 2 mg sublingual", "route", "sublingual", "for midazolam"),
    ("0.5 iv over 40 min", "unit", "iv", "Write the unit after 0.5"),
    ("0.5", "unit", "", "mg"),
    ("5 mgg iv", "unit", "mgg", "Did you mean 'mg'?"),
    ("0.5 kg iv", "unit", "kg", "mg/kg"),
    ("0.5 mg/mL iv", "unit", "mg/mL", "10 mL/h of 1 mg/mL"),
    ("0.3 mg/kg/h/h for 4 h", "unit", "mg/kg/h/h", "mg/kg/h"),
    ("0.3 mg/stone iv", "unit", "mg/stone", "mg/kg"),
    ("-0.5 mg/kg iv", "amount", "-0.5 mg", "above 0"),
    ("0 mg iv", "amount", "0 mg", "above 0"),
    ("0.0 mg/kg/h for 1 h", "amount", "0.0 mg", "above 0"),
    ("1e400 mg iv", "amount", "1e400 mg", "above 0"),
    ("0,5 mg/kg iv", "number", "0,5", "decimal point"),
    ("1,000 mg iv", "number", "1,000", "thousands"),
    ("56-84 mg intranasal", "number", "56-84", "A range is not a dose"),
    ("esketamine 56/84 mg intranasal", "amount", "56/84", "Give each dose its own step"),
    ("esketamine 50 mg intranasal", "amount", "50 mg", "28, 56, 84 mg"),
    ("esketamine 0.5 mg/kg intranasal", "amount", "0.5 mg/kg", "as nasal_solution"),
    ("iv over 40 min", "amount", "", "an amount with its unit"),
    ("ketamine", "amount", "", "an amount with its unit"),
    ("saline 5 mg iv", "amount", "5 mg", "mL or no amount"),
    ("2/week for 4 weeks", "amount", "2", "before a schedule"),
    (f"{IV} over", "duration", "", "over 40 min"),
    (f"{IV} over 40", "duration unit", "", "s, min, h, d, week"),
    (f"{IV} over 40 mn", "duration unit", "mn", "Did you mean 'min'?"),
    (f"{IV} over 40 m", "duration unit", "m", "Write min for minutes"),
    (f"{IV} over 0 min", "duration", "over 0 min", "above 0"),
    (f"{IV} over -5 min", "duration", "-5 min", "0 to 50 years"),
    (f"{IV} over 1e9 d", "duration", "1e9 d", "50 years"),
    (f"{IV} for 40 min", "duration", "for", "`over` and a time"),
    ("0.5 mg/kg im over 5 min", "duration", "over 5 min", "iv, sc, inhaled"),
    ("20 mg oral over 5 min", "duration", "over 5 min", "none for oral"),
    ("0.3 mg/kg/h", "duration", "0.3 mg/kg/h", "`for` and a time"),
    ("0.3 mg/kg/h im for 1 h", "duration", "for 1 h", "none for im"),
    ("0.3 mg/kg/h for 1 h then 0.2 mg/kg", "duration", "", "`bolus`"),
    ("10 mL/h for 2 h", "concentration", "10 mL/h", "of 1 mg/mL"),
    ("10 mL/h of 1 mg for 2 h", "concentration", "1 mg", "mg/mL"),
    ("10 mL/h of 0 mg/mL for 2 h", "concentration", "of 0 mg/mL", "above 0"),
    ("10 mg iv of 1 mg/mL", "concentration", "of 1 mg/mL", "in mL"),
    (f"{IV}, 2/week", "schedule", "", "for 4 weeks"),
    (f"{IV}, daily then 1 mg iv", "schedule", "then", "x6"),
    (f"{IV}, 9/week for 4 weeks", "schedule", "9/week for 4 weeks", "1 to 7"),
    (f"{IV}, 0/week for 4 weeks", "schedule", "0", "whole number"),
    (f"{IV}, 2.5/week for 4 weeks", "schedule", "2.5", "whole number"),
    (f"{IV}, 2/month for 4 weeks", "schedule", "2/month", "every 4 weeks"),
    (f"{IV}, 2/week for 4 months", "schedule unit", "months", "weeks or days"),
    (f"{IV}, 2/week for 0 weeks", "schedule", "2/week for 0 weeks", "above 0"),
    (f"{IV}, x6", "schedule", "x6", "every 3 d x6"),
    (f"{IV}, every 3 d x0", "schedule", "x0", "whole number"),
    (f"{IV}, every 3 d x2.5", "schedule", "x2.5", "whole number"),
    (f"{IV}, every 0 d x3", "schedule", "0 d", "above 0"),
    (f"{IV}, every blue moon", "schedule", "blue", "every 3 d"),
    (f"{IV}, every 3 d for 4 weeks x6", "schedule", "x6", "not both"),
    (f"{IV}, every 3 d x6 for 4 weeks", "schedule", "for", "not both"),
    (f"{IV}, every 1 s for 5 weeks", "schedule", "every 1 s for 5 weeks", "20000"),
    (f"{IV}, daily x3, weekly x3", "schedule", "weekly", "one schedule in each step"),
    (f"{IV} at", "at", "", "day 3"),
    (f"{IV} at day", "at", "", "a number after day"),
    (f"{IV} at noon", "at", "noon", "2 h"),
    (f"{IV} at 3", "at unit", "", "s, min, h"),
    (f"{IV} at -2 h", "at", "-2 h", "starts at 0"),
    (f"{IV} at day 3 and 2", "at", "2", "rising order"),
    (f"{IV} at day 1e9", "at", "1e9", "50 years"),
    (f"{IV} at day 0 and 3, daily x2", "at", "at day 0 and 3", "one start time"),
    (f"{IV} over 40 min then midazolam 2 mg iv at 10 min", "at", "at", "use `also`"),
    (f"{IV} at 09:00", "character", ":", "letters"),
    (f"{IV} $5", "character", "$", "letters"),
    (f"{IV} 💉", "character", "💉", "letters"),
    (f"{IV} iv", "route", "iv", "one route in each step"),
    (f"{IV} 0.2 mg/kg", "amount", "0.2", "`then` or `also`"),
    (f"{IV} over 40 min overr", "word", "overr", "Did you mean 'over'?"),
    (f"{IV},", "word", ",", "comma"),
    (f", {IV}", "word", ",", "comma"),
    (f"{IV},, daily x3", "word", ",", "comma"),
    (f"{IV} then", "dose", "", "a drug, an amount and a route"),
    (f"then {IV}", "dose", "then", "a drug, an amount and a route"),
    (f"{IV} also", "dose", "", "a drug, an amount and a route"),
    (f"morphine 5 mg iv also {IV}", "drug", "0.5", "after `also`"),
    ("midazolam 2 mg hcl iv", "hcl", "hcl", "esketamine"),
    ("10 mg ibw iv", "ibw", "ibw", "per kg"),
    ("50 mg sublingual as spray", "product", "as spray", "film, lozenge, tablet"),
    ("50 mg sublingual as", "product", "", "as film"),
    ("esketamine 0.7 mL iv as vial_50", "product", "as vial_50", "ampoule_5"),
    ("50 mg sublingual sprays 5 min apart", "sprays", "sprays 5 min apart", "device"),
    ("esketamine 56 mg intranasal sprays 5 min", "sprays", "", "`apart`"),
    ("bolus 0.2 mg/kg over 5 min", "bolus", "over 5 min", "no time"),
    ("tci brain 100 ng/mL for 1 h", "tci", "brain", "plasma or effect"),
    ("tci plasma 100 for 1 h", "target", "100 for", "ng/mL"),
    ("tci plasma -5 ng/mL for 1 h", "target", "tci plasma -5 ng/mL", "above 0"),
    ("tci plasma 100 ng/mL", "duration", "", "for 1 h"),
    ("tci plasma 100 ng/mL iv for 1 h", "route", "iv", "none with tci"),
    ("saline tci plasma 100 ng/mL for 1 h", "drug", "saline", "concentration"),
    ("pause 5 min", "regimen", "pause 5 min", "at least one dose"),
    (f"pause 0 min then {IV}", "pause", "pause 0 min", "above 0"),
    (f"pause 5 min, daily x3 then {IV}", "schedule", "daily x3", "something given"),
    (f"pause 5 min iv then {IV}", "route", "iv", "none with pause"),
]


@pytest.mark.parametrize(("text", "field", "word", "says"), BAD)
def test_error_points_at_the_word(text: str, field: str, word: str, says: str):
    with pytest.raises(RegimenError) as caught:
        Regimen.parse(text)
    error = caught.value
    assert error.field == field
    assert text[error.start : error.stop].strip() == word
    assert says in str(error)
    assert "\n" not in str(error)
    if not word and text.strip():
        assert error.value == END and error.start == len(text.rstrip())


def test_the_caret_stands_under_the_word():
    with pytest.raises(RegimenError) as caught:
        Regimen.parse("0.5 mg/kg iv over 40 min,\n  tvice weekly for 4 weeks")
    assert caught.value.caret() == "  tvice weekly for 4 weeks\n  ^^^^^"
    assert str(caught.value).endswith("(at character 29)")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value) and copy.caret() == caught.value.caret()


@pytest.mark.parametrize("value", [None, 5, 0.5, ["0.5 mg/kg iv"], b"0.5 mg/kg iv"])
def test_something_else_than_text_is_refused(value: object):
    with pytest.raises(InputError, match="regimen is"):
        Regimen.parse(value)  # type: ignore[arg-type]


TABLES = [
    ({}, "regimen is 'empty'"),
    ({"text": IV, "doses": []}, "both text and doses"),
    ({"doze": IV}, "key regimen.doze"),
    ({"text": 5}, "regimen.text is 5; allowed: text"),
    ({"doses": []}, "regimen.doses is 'empty'"),
    ({"doses": "0.5 mg/kg iv"}, "regimen.doses is '0.5 mg/kg iv'; allowed: a list"),
    ({"doses": ["0.5 mg/kg iv"]}, r"regimen.doses\[0\] is"),
    ({"doses": [{"amount": 5, "route": "iv"}]}, r"regimen.doses\[0\].amount is 5; allowed: text"),
    ({"doses": [{"amount": "5 mg", "route": "iv", "hcl": "yes"}]}, "hcl is 'yes'; allowed: true or false"),
    ({"doses": [{"amount": "5 mg", "rout": "iv"}]}, r"rout is 'iv'; allowed: one of the keys .* Did you mean 'route'"),
    ({"doses": [{"amount": "5 mg"}]}, r"regimen.doses\[0\].route is 'missing'"),
    ({"doses": [{"amount": "5 mg iv then 3 mg iv", "route": "iv"}]}, r"doses\[0\].amount is '5 mg iv then 3 mg iv'"),
    ({"doses": [{"amount": "5 mg", "route": "iv", "drug": "aspirin"}]}, "drug is 'aspirin'"),
    ({"doses": [{"amount": "5 mg", "route": "nose"}]}, r"doses\[0\].route is 'nose'"),
    ({"doses": [{"amount": "5 mg/h", "route": "iv"}]}, "amount is '5 mg/h'; .* Rates go in `rate`"),
    ({"doses": [{"amount": "5 mg", "rate": "5 mg/h", "route": "iv"}]}, "amount and rate"),
    ({"doses": [{"route": "iv"}]}, "without a dose"),
    ({"doses": [{"rate": "5 mg/h"}]}, r"doses\[0\].duration is 'missing'"),
    ({"doses": [{"rate": "5 mg/h", "over": "5 min"}]}, r"doses\[0\].over is '5 min'; allowed: nothing here"),
    ({"doses": [{"tci": "plasma", "target": "100 ng/mL"}]}, r"doses\[0\].for is 'missing'"),
    ({"doses": [{"tci": "liver", "target": "100 ng/mL", "for": "1 h"}]}, "plasma or effect"),
    ({"doses": [{"pause": "5 min"}]}, "at least one dose"),
    ({"doses": [{"pause": "5 min", "route": "iv"}]}, "nothing here together with `pause`"),
    ({"doses": [{"amount": "5 mg", "route": "iv", "at": "noon"}]}, r"doses\[0\].at is 'noon'"),
    ({"doses": [{"amount": "5 mg", "route": "iv", "repeat": "often"}]}, r"doses\[0\].repeat is 'often'"),
    ({"doses": [{"amount": "5 mg", "route": "iv", "join": "and"}]}, r"doses\[0\].join is 'and'; allowed: then or also"),
    ({"doses": [{"amount": "-5 mg", "route": "iv"}]}, r"doses\[0\].amount is '-5 mg'; allowed: a number above 0"),
]


@pytest.mark.parametrize(("table", "says"), TABLES)
def test_table_errors_name_the_cell(table: dict[str, object], says: str):
    with pytest.raises(InputError, match=says) as caught:
        Regimen.from_dict(table)
    assert "\n" not in str(caught.value)


def test_rows_without_a_join_are_given_side_by_side():
    rows = [{"amount": "5 mg", "route": "iv"}, {"drug": "midazolam", "amount": "1 mg", "route": "iv", "at": "5 min"}]
    assert str(Regimen.from_dict({"doses": rows})) == "5 mg iv also midazolam 1 mg iv at 5 min"


def test_toml_that_is_not_toml():
    with pytest.raises(InputError, match="valid TOML"):
        Regimen.from_toml("doses = [")
