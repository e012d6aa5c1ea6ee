"""POLICY: documents -> agreements, and the decision whether one allows a question."""
