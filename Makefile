# Two commands are enough: `make run` and `make test`. Everything is done by packaging/bootstrap.py.
PYTHON ?= python3
COMMANDS := run test check bench bench-voice bench-models bench-personalize study-instant study-adapters usability monkey eyes package smoke screenshots setup clean help

.DEFAULT_GOAL := help
.PHONY: $(COMMANDS)

$(COMMANDS):
	@$(PYTHON) packaging/bootstrap.py $@ $(OPTIONS)
