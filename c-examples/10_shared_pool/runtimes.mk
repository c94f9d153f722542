# What lesson 10 needs besides the C library: the runtimes that this machine has, and the bindings for them. What is missing
# is left out, and the lesson says so.

shared_pool := $(BUILD)/10_shared_pool
shared_pool_dir := $(abspath 10_shared_pool)
bindings := $(abspath ../bindings)

# The JDK of JAVA_HOME, or that of javac. It must have what the invocation API needs.
jdk := $(firstword $(JAVA_HOME) $(shell javac=$$(command -v javac) && dirname "$$(dirname "$$(readlink -f "$$javac")")"))
jvm := $(and $(wildcard $(jdk)/include/jni.h),$(wildcard $(jdk)/bin/javac),$(wildcard $(jdk)/lib/server/libjvm.so))
jvm := $(if $(wildcard $(bindings)/java/Makefile),$(jvm))

# The shared library of the first Python that has one.
python_library_of := import os, sysconfig as s; v = s.get_config_var; \
    p = os.path.join(v("LIBDIR") or "", v("INSTSONAME") or ""); print(p if ".so" in p and os.path.exists(p) else "")
libpython := $(firstword $(foreach python,python3 /usr/bin/python3,$(shell $(python) -c '$(python_library_of)' 2>/dev/null)))
libpython := $(if $(wildcard $(bindings)/python/orapool/__init__.py),$(libpython))

ifneq ($(jvm),)
shared_pool_classes := $(abspath $(BUILD))/java
shared_pool_flags += -I$(jdk)/include -I$(jdk)/include/linux -DJVM_LIBRARY='"$(jvm)"' \
    -DJAVA_CLASS_PATH='"$(shared_pool_classes)/orapool.jar:$(shared_pool_classes)/lesson"'
shared_pool_needs += $(shared_pool_classes)/lesson/SharedPool.class
endif

ifneq ($(libpython),)
shared_pool_flags += -DPYTHON_LIBRARY='"$(libpython)"' -DPYTHON_PATH='"$(bindings)/python:$(shared_pool_dir)"'
endif

# The jar without a library of its own: the program that starts the JVM has it.
.PHONY: $(BUILD)/java-binding
$(BUILD)/java-binding:
	@mkdir -p $(BUILD)
	@$(MAKE) --no-print-directory -s -C "$(bindings)/java" JAVA_HOME="$(jdk)" CARRY=no \
	    ORAPOOL_BUILD_DIR="$(shared_pool_classes)"

$(shared_pool_classes)/lesson/SharedPool.class: 10_shared_pool/SharedPool.java $(BUILD)/java-binding
	@$(jdk)/bin/javac -Xlint:all -Werror -cp "$(shared_pool_classes)/orapool.jar" -d $(shared_pool_classes)/lesson $<

# What was found is in the flags: other runtimes, another program.
$(shared_pool).flags: library
	@mkdir -p $(BUILD)
	@echo '$(shared_pool_flags)' | cmp -s - $@ || echo '$(shared_pool_flags)' >$@

$(shared_pool): 10_shared_pool.c $(wildcard 10_shared_pool/*.[ch]) example.h ../include/orapool.h $(BUILD)/library \
    $(shared_pool).flags $(shared_pool_needs)
	$(CC) $(STRICT) -D_GNU_SOURCE $(CPPFLAGS) $(CFLAGS) -I../include -I. $(shared_pool_flags) -o $@ \
	    10_shared_pool.c 10_shared_pool/java.c 10_shared_pool/python.c \
	    -L"$(LIBRARY_DIR)" -lorapool -pthread -ldl $(LDFLAGS) -Wl,-rpath,"$(LIBRARY_DIR)"

# ---- Node.js is a process of its own: it loads C, where the others are loaded by it ---------------------------------

$(BUILD)/libc_part.so: 10_shared_pool/c_part.c example.h ../include/orapool.h $(BUILD)/library
	$(CC) $(STRICT) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -I../include -o $@ $< \
	    -L"$(LIBRARY_DIR)" -lorapool -pthread $(LDFLAGS) -Wl,-rpath,"$(LIBRARY_DIR)"

node := $(shell command -v node)
has_node_binding := $(wildcard $(bindings)/node/node_modules/koffi/package.json)

ifeq ($(node),)
10_shared_pool_too = printf '\n5. Node.js is left out: it is not installed.\n'
else ifeq ($(has_node_binding),)
10_shared_pool_too = printf '\n5. Node.js is left out: its binding is not there, or `npm install` was not done in it.\n'
else
run-10_shared_pool: $(BUILD)/libc_part.so
10_shared_pool_too = printf '\n5. In a process of its own: Node.js, and C in it\n\n' && \
    $(node) 10_shared_pool/node_host.mjs "$(bindings)/node" "$(abspath $(LIBRARY_DIR))/liborapool.so" \
    "$(abspath $(BUILD)/libc_part.so)"
endif
