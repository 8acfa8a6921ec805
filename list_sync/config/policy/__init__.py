"""lists.yaml: the lists of a household, what each of them wants, and the policy for all of them together."""
