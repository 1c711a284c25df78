# Everything here is `cargo xtask COMMAND`; `cargo xtask help` says what each does.

.PHONY: demo test bench soak tidy fmt clean-dev

demo test bench soak tidy:
	@cargo xtask $@ $(ARGS)

fmt:
	@cargo fmt --all

# Stops the test servers and removes what the commands above installed and made, but not Cargo's own output.
clean-dev:
	@scripts/servers/down --wipe
	@rm -rf .outflow-dev
