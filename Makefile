# The commands of a developer's day; CMake does the work, in build/.
BUILD ?= build
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
GENERATOR ?= $(if $(shell command -v ninja),Ninja,Unix Makefiles)
PYTHON ?= python3

.PHONY: all configure deps run test test-quick bench compare-all asan fuzz lint install clean

all: deps configure
	@cmake --build $(BUILD) -j $(JOBS)

# Installs what is missing; silent and quick when nothing is.
deps:
	@tools/install-deps

configure: $(BUILD)/CMakeCache.txt

$(BUILD)/CMakeCache.txt: | deps
	@cmake -S . -B $(BUILD) -G "$(GENERATOR)" -DCMAKE_BUILD_TYPE=Release > /dev/null

# Compiles an example tree, shows what was written and the code of one file.
run: all
	@tools/run-example $(BUILD)/mkpyc

# Every tier; ends with "N passed, N failed, N skipped".
test: all
	@cd $(BUILD) && ctest --output-on-failure --output-junit tests.xml -j $(JOBS) || true
	@$(PYTHON) tools/test-summary $(BUILD)/tests.xml

# The tiers that take seconds.
test-quick: all
	@cd $(BUILD) && ctest --output-on-failure --output-junit tests.xml -L "unit|cases|lint|tools|cli" -j $(JOBS) || true
	@$(PYTHON) tools/test-summary $(BUILD)/tests.xml

# mkpyc against CPython, on the same files in the same run.
bench: all
	@$(PYTHON) benchmarks/run --build $(BUILD)

# The full comparison: every target on every library at hand, all levels on its own. Takes a while.
compare-all: all
	@$(PYTHON) tools/compare-all --mkpyc $(BUILD)/mkpyc -j $(JOBS)

# A build with AddressSanitizer and UBSan, its tests, and the library of each target through it.
asan:
	@cmake -S . -B $(BUILD)-asan -G "$(GENERATOR)" -DMKPYC_SANITIZE=ON -DCMAKE_BUILD_TYPE=Debug > /dev/null
	@cmake --build $(BUILD)-asan -j $(JOBS)
	@cd $(BUILD)-asan && ctest --output-on-failure -j $(JOBS)
	@$(PYTHON) tools/compare-all --mkpyc $(BUILD)-asan/mkpyc -j $(JOBS) --own-only

# Ten minutes of each fuzz target.
fuzz:
	@$(PYTHON) tools/fuzz --seconds $(or $(SECONDS),600)

lint:
	@$(PYTHON) tools/lint

install: all
	@cmake --install $(BUILD)

clean:
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-fuzz
