# `make run` and `make test` do all the set-up on a fresh Debian machine with git and a Swift toolchain.
# Build products live in .build; see dev/ for the scripts behind the targets.

SWIFT ?= swift
SWIFTFLAGS ?=
STATE ?= $(HOME)/.local/state/apus

.PHONY: run build debug test check format docs conformance interop fuzz bench install clean

run: build
	@mkdir -p "$(STATE)"
	.build/release/apusctl db create --url "sqlite://$(STATE)/apus.db" > /dev/null
	exec .build/release/apus -DD -E -e -Y "$(STATE)" -w "$(STATE)" -A 'DBURL="sqlite://$(STATE)/apus.db"'

build:
	@dev/setup build
	@SWIFT="$(SWIFT)" SWIFTFLAGS="$(SWIFTFLAGS)" dev/build apus apusctl

debug:
	@dev/setup build
	$(SWIFT) build $(SWIFTFLAGS)

test:
	@dev/setup test
	@dev/test

check:
	@dev/check

format:
	@dev/format

docs:
	@dev/setup build
	@SWIFT="$(SWIFT)" SWIFTFLAGS="$(SWIFTFLAGS)" dev/build apusdoc
	.build/release/apusdoc docs/reference

conformance: build
	@dev/setup test
	Conformance/run

interop: build
	@dev/setup test
	@dev/interop

fuzz:
	@dev/fuzz

bench:
	@dev/setup build
	@dev/setup bench
	@SWIFT="$(SWIFT)" SWIFTFLAGS="$(SWIFTFLAGS)" dev/build apus layers scaling
	@dev/bench

PREFIX ?= /usr/local
install: build
	install -D -m 755 .build/release/apus $(DESTDIR)$(PREFIX)/sbin/apus
	install -D -m 755 .build/release/apusctl $(DESTDIR)$(PREFIX)/sbin/apusctl
	install -D -m 644 docs/how-to/systemd.md $(DESTDIR)$(PREFIX)/share/doc/apus/systemd.md
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/apus.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/apus.service

clean:
	rm -rf .build
