"""Studies somebody could run, and courses nobody has tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ketasim.studies.study import Arm, Population, Study

INFUSION = "0.5 mg/kg iv over 40 min"


@dataclass(frozen=True)
class Design:
    """Two arms of n people each and the time of the first rating that counts.

    words : what is compared. first, second : regimen and circumstances; the contrast is the change of MADRS in the
    first minus that in the second. drugs : taken beside by the people of the first arm.
    """

    name: str
    words: str
    first: str
    second: str
    time: str
    n: int = 60
    first_settings: dict[str, float | int | bool | str] = field(default_factory=dict)
    second_settings: dict[str, float | int | bool | str] = field(default_factory=dict)
    drugs: tuple[str, ...] = ()
    masking: Literal["saline", "active placebo", "anaesthesia"] = "saline"

    def study(self) -> Study:
        """The design as a study of the format."""
        people = Population(named="", covariates={"diagnosis": "trd"})
        beside = Population(covariates={"diagnosis": "trd", "comedication": list(self.drugs)}) if self.drugs else None
        return Study(
            id=f"design_{self.name}", citations=("assumed",), layer="weeks", population=people,
            arms=(
                Arm(id="first", regimen=self.first, n=self.n, masking=self.masking, blinding="double",
                    settings=self.first_settings, population=beside),
                Arm(id="second", regimen=self.second, n=self.n, masking=self.masking, blinding="double",
                    settings=self.second_settings),
            ),
        )  # fmt: skip


SALINE = "saline iv over 40 min"
MIDAZOLAM = "midazolam 0.03 mg/kg iv over 40 min"
DESIGNS: tuple[Design, ...] = (
    Design("midazolam_24h", "one infusion against midazolam, at 24 h", INFUSION, MIDAZOLAM, "24 h",
           masking="active placebo"),
    Design("midazolam_7d", "one infusion against midazolam, at 7 d", INFUSION, MIDAZOLAM, "7 d",
           masking="active placebo"),
    Design("early_2h", "one infusion against midazolam, at 2 h", INFUSION, MIDAZOLAM, "2 h", masking="active placebo"),
    Design("dose_half", "1.0 against 0.25 mg/kg over 40 min, at 7 d", "1 mg/kg iv over 40 min",
           "0.25 mg/kg iv over 40 min", "7 d"),
    Design("slow", "the same dose over 4 h against 40 min, at 24 h", "0.5 mg/kg iv over 4 h", INFUSION, "24 h"),
    Design("arketamine", "arketamine 0.5 mg/kg against saline, at 24 h", "arketamine 0.5 mg/kg iv over 40 min", SALINE,
           "24 h"),
    Design("enantiomers", "arketamine against esketamine, 0.5 mg/kg, at 24 h",
           "arketamine 0.5 mg/kg iv over 40 min", "esketamine 0.5 mg/kg iv over 40 min", "24 h"),
    Design("oral", "1 mg/kg by mouth against 0.5 mg/kg by vein, at 24 h", "1 mg/kg oral", INFUSION, "24 h"),
    Design("naltrexone", "one infusion with naltrexone against without, at 24 h", INFUSION, INFUSION, "24 h",
           drugs=("naltrexone",)),
    Design("rapamycin", "one infusion with rapamycin against without, at 24 h", INFUSION, INFUSION, "24 h",
           first_settings={"rapamycin": 1}),
    Design("asleep", "one infusion under anaesthesia against saline under anaesthesia, at 24 h", INFUSION, SALINE,
           "24 h", masking="anaesthesia"),
    Design("anaesthetic", "2 mg/kg in one minute against 0.5 mg/kg over 40 min, at 24 h", "2 mg/kg iv over 1 min",
           INFUSION, "24 h"),
    Design("frequency", "3 a week against 1 a week for 4 weeks, at 28 d",
           "0.5 mg/kg iv over 40 min, 3/week for 4 weeks", "0.5 mg/kg iv over 40 min, 1/week for 4 weeks", "28 d"),
    Design("four_days", "0.15 mg/kg/h for 96 h against one infusion, at 7 d", "0.15 mg/kg/h iv for 96 h", INFUSION,
           "7 d"),
)  # fmt: skip
