"""Reading CloudFormation templates: files, intrinsic functions, conditions, state machines, and who names whom."""
