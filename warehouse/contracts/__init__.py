"""The contracts: what each subject's delivery must hold, stated once; one module per subject."""

from warehouse.contracts.contract import Contract
from warehouse.contracts.hr import HR_ABSENCE, HR_EMPLOYMENT

CONTRACTS: dict[str, Contract] = {contract.name: contract for contract in (HR_EMPLOYMENT, HR_ABSENCE)}

__all__ = ["CONTRACTS", "Contract"]
