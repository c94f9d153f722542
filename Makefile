# Builds, installs and tests the library.
#
#     make                                    builds target/release/liborapool.so and liborapool.a
#     make install PREFIX=/usr/local          installs what was built; needs no Cargo then
#     make install PREFIX=/usr DESTDIR=stage  the same into a staging directory, for a package
#     make install-strip                      the same without debug information: 7 MB instead of 40 MB
#     make uninstall PREFIX=/usr/local
#     make check                              cargo test
#     make valgrind                           the C tests, and the scenarios over OCI, under valgrind; takes minutes
#     make examples                           builds and runs c-examples
#
# LIBDIR and INCLUDEDIR may be set too. LIBRARY_DIR=DIR installs the library in DIR instead of the one that was built.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
INSTALL ?= install
STRIP ?= strip

target := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
LIBRARY_DIR ?= $(target)/release

# The first version in Cargo.toml is the workspace's. The SONAME has its first number, as in build.rs.
version := $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' Cargo.toml | head -n 1)
soname := liborapool.so.$(firstword $(subst ., ,$(version)))
shared := liborapool.so.$(version)

# What lies under the prefix is told relative to it, so that pkg-config can move it.
under_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))

.PHONY: all install install-strip uninstall check valgrind examples

all:
	cargo build --release -p orapool

# Only if there is none: root may have no Cargo, and should not build.
$(LIBRARY_DIR)/liborapool.so $(LIBRARY_DIR)/liborapool.a:
	cargo build --release -p orapool

install: $(LIBRARY_DIR)/liborapool.so $(LIBRARY_DIR)/liborapool.a
	$(INSTALL) -d "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(INCLUDEDIR)"
	$(INSTALL) -m 755 "$(LIBRARY_DIR)/liborapool.so" "$(DESTDIR)$(LIBDIR)/$(shared)"
	ln -sf $(shared) "$(DESTDIR)$(LIBDIR)/$(soname)"
	ln -sf $(soname) "$(DESTDIR)$(LIBDIR)/liborapool.so"
	$(INSTALL) -m 644 "$(LIBRARY_DIR)/liborapool.a" "$(DESTDIR)$(LIBDIR)/liborapool.a"
	$(INSTALL) -m 644 include/orapool.h "$(DESTDIR)$(INCLUDEDIR)/orapool.h"
	sed -e 's|@PREFIX@|$(PREFIX)|' \
	    -e 's|@LIBDIR@|$(call under_prefix,$(LIBDIR))|' \
	    -e 's|@INCLUDEDIR@|$(call under_prefix,$(INCLUDEDIR))|' \
	    -e 's|@VERSION@|$(version)|' orapool.pc.in >"$(DESTDIR)$(LIBDIR)/pkgconfig/orapool.pc"
	chmod 644 "$(DESTDIR)$(LIBDIR)/pkgconfig/orapool.pc"

install-strip: install
	$(STRIP) --strip-unneeded "$(DESTDIR)$(LIBDIR)/$(shared)"
	$(STRIP) --strip-debug "$(DESTDIR)$(LIBDIR)/liborapool.a"

uninstall:
	rm -f "$(DESTDIR)$(LIBDIR)/$(shared)" "$(DESTDIR)$(LIBDIR)/$(soname)" "$(DESTDIR)$(LIBDIR)/liborapool.so"
	rm -f "$(DESTDIR)$(LIBDIR)/liborapool.a" "$(DESTDIR)$(INCLUDEDIR)/orapool.h"
	rm -f "$(DESTDIR)$(LIBDIR)/pkgconfig/orapool.pc"

check:
	cargo test

# T53 is a storm of 32 threads, which under valgrind takes longer than the runner waits.
valgrind:
	valgrind --version
	cargo test --test capi_valgrind -- --include-ignored --nocapture
	ORAPOOL_TEST_VALGRIND=1 cargo test --test scenarios_oci -- --test-threads=2 --skip T53

examples:
	$(MAKE) -C c-examples run
