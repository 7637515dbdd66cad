"""The contracts: what each subject's delivery must hold, stated once; one module per subject."""

from warehouse.contracts.contract import Contract
from warehouse.contracts.external import EXTERNAL_FIGURE
from warehouse.contracts.hr import HR_ABSENCE, HR_EMPLOYMENT
from warehouse.contracts.organisation import ORGANISATION_MILESTONE, ORGANISATION_PLAN, UNIT
from warehouse.contracts.plans import PLAN_CONTRACTS
from warehouse.contracts.survey import SURVEY_ANSWER, SURVEY_INVITED, SURVEY_ITEM, SURVEY_ROUND
from warehouse.contracts.training import HR_DIALOGUE, HR_TRAINING

CONTRACTS: dict[str, Contract] = {
    contract.name: contract
    for contract in (
        HR_EMPLOYMENT,
        HR_ABSENCE,
        HR_TRAINING,
        HR_DIALOGUE,
        SURVEY_ROUND,
        SURVEY_ITEM,
        SURVEY_INVITED,
        SURVEY_ANSWER,
        *PLAN_CONTRACTS,
        ORGANISATION_PLAN,
        ORGANISATION_MILESTONE,
        UNIT,
        EXTERNAL_FIGURE,
    )
}

__all__ = ["CONTRACTS", "Contract"]
