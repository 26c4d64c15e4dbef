"""The evidence: tables of extracted values, read, checked and explained.

``check`` says everything that is wrong; ``load`` gives the tables, or raises with the same findings.
"""

from __future__ import annotations

from analysis.evidence.findings import EvidenceError, Finding, errors
from analysis.evidence.package import Evidence, check, load

__all__ = ["Evidence", "EvidenceError", "Finding", "check", "errors", "load"]
