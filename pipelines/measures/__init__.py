"""Measuring: the catalogue compiled to SQL, cells computed, figures formed. On personal data, inside the warehouse.

The result, `figures.cell`, is unprotected; the only way out is through pipelines/disclosure.
"""
