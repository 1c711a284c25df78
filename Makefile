# Everything here is `cargo xtask COMMAND`; `cargo xtask help` says what each does.

.PHONY: demo test bench soak tidy fmt console clean-dev

demo test bench soak tidy:
	@cargo xtask $@ $(ARGS)

fmt:
	@cargo fmt --all

# Builds the console into ui/dist; `make console SCRIPT=check` checks it, too.
console:
	@scripts/console $(SCRIPT)

# Stops the test servers and removes what the commands above installed and made, but not Cargo's own output.
clean-dev:
	@scripts/servers/down --wipe
	@rm -rf .outflow-dev ui/node_modules ui/dist
