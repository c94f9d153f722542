/* What the scenarios run against: a driver, a database, two users of it. */

#ifndef TARGET_H
#define TARGET_H

struct user {
    const char *name;
    const char *password;
};

extern const struct user owner;
extern const struct user second;

struct target {
    const char *driver;         /* `embedded` or `oci` */
    const char *client_lib_dir; /* of `oci`; NULL: where the system looks */
};

#endif
