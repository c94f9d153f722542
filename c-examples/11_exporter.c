/* Lesson 11: an exporter, so that Prometheus sees the pool.
 *
 *     11_exporter             serves on any free port, asks itself for the page once, and ends
 *     11_exporter PORT        serves http://127.0.0.1:PORT/metrics until Ctrl-C; 0 is any free port
 *
 * A process that is worth watching has an HTTP server already, or a library that serves metrics: give it the text of
 * orapool_metrics, unchanged, as "text/plain; version=0.0.4". This lesson has neither and shows how little it takes: one
 * thread, plain sockets, no client that can hold it up. It listens on loopback alone, because whoever reads the page
 * learns what the program does.
 *
 * In Prometheus' configuration:
 *
 *     scrape_configs:
 *       - job_name: shop
 *         static_configs:
 *           - targets: ["127.0.0.1:9464"]
 *
 * Runs on any database, see lesson 1. docs/operating.md tells what each number means. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "example.h"

enum { THREADS = 4, SESSIONS_MAX = 3, LOAD_MS = 300 };
enum { CLIENTS_MAX = 16, REQUEST_MAX = 4096, CLIENT_LIMIT_MS = 5000 };

/* -- some load -------------------------------------------------------------------------------------------------- */

struct load {
    orapool *pool;
    pthread_mutex_t lock;
    int is_over;
};

static int is_over(struct load *load)
{
    int over;
    pthread_mutex_lock(&load->lock);
    over = load->is_over;
    pthread_mutex_unlock(&load->lock);
    return over;
}

static void *work(void *argument)
{
    struct load *load = (struct load *)argument;
    do {
        orapool_session *session = get_session(load->pool, NULL);
        execute(session, "select sysdate from dual");
        release_session(session);
        sleep_ms(3);
    } while (!is_over(load));
    return NULL;
}

/* -- the server ------------------------------------------------------------------------------------------------- */

/* One connection: first its request comes in, then its answer goes out, both in as many pieces as it takes. */
struct client {
    int fd;
    double until_ms;
    char request[REQUEST_MAX];
    size_t received;
    char *answer; /* NULL while the request is not complete */
    size_t length;
    size_t sent;
};

struct server {
    orapool *pool;
    int fd;
    int port;
    struct client clients[CLIENTS_MAX];
    int count;
};

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Nothing here may block: a socket that has nothing to read or no room to write says so, and poll tells when it has. */
static void set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        die("fcntl");
}

static void begin_server(struct server *server, orapool *pool, int port)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int yes = 1;

    memset(server, 0, sizeof *server);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->pool = pool;
    server->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (server->fd < 0 || setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
        bind(server->fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(server->fd, 16) < 0 ||
        getsockname(server->fd, (struct sockaddr *)&address, &size) < 0)
        die("listen");
    set_nonblocking(server->fd);
    server->port = ntohs(address.sin_port);
}

/* The head and the body of an answer in one piece of memory. */
static void answer(struct client *client, const char *status, const char *type, const char *body, size_t length)
{
    size_t room = length + 256;
    int head;
    client->answer = (char *)malloc(room);
    if (client->answer == NULL)
        die("malloc");
    head = snprintf(client->answer, room,
                    "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %lu\r\nConnection: close\r\n\r\n", status, type,
                    (unsigned long)length);
    memcpy(client->answer + head, body, length);
    client->length = (size_t)head + length;
}

static void answer_text(struct client *client, const char *status, const char *text)
{
    answer(client, status, "text/plain; charset=utf-8", text, strlen(text));
}

/* Reading the metrics takes microseconds and stops nobody, so each scrape may have fresh ones. */
static void answer_metrics(struct client *client, orapool *pool)
{
    orapool_error *error;
    char *text;
    size_t length;
    if (orapool_metrics(pool, ORAPOOL_METRICS_PROMETHEUS, &text, &length, &error) < 0) {
        answer_text(client, "503 Service Unavailable", orapool_error_message(error, NULL));
        orapool_error_free(error);
        return;
    }
    answer(client, "200 OK", "text/plain; version=0.0.4; charset=utf-8", text, length);
    orapool_text_free(text);
}

static int begins_with(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Of a request this server needs the first line alone. The end of the head says that all of it is there. */
static void look_at_request(struct client *client, orapool *pool)
{
    const char *request = client->request;
    if (strstr(request, "\r\n\r\n") == NULL && strstr(request, "\n\n") == NULL) {
        if (client->received == REQUEST_MAX - 1)
            answer_text(client, "431 Request Header Fields Too Large", "that is too long\n");
        return;
    }
    if (begins_with(request, "GET /metrics ") || begins_with(request, "GET /metrics?"))
        answer_metrics(client, pool);
    else if (begins_with(request, "GET /"))
        answer_text(client, "404 Not Found", "there is /metrics\n");
    else if (strstr(request, " HTTP/1.") != NULL)
        answer_text(client, "405 Method Not Allowed", "GET it\n");
    else
        answer_text(client, "400 Bad Request", "that is not HTTP\n");
}

/* What recv and send return below 0 when there is nothing wrong but that it is too early. */
static int is_too_early(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Takes what has come of the request. 0: the connection is over. */
static int receive(struct client *client, orapool *pool)
{
    ssize_t got = recv(client->fd, client->request + client->received, REQUEST_MAX - 1 - client->received, 0);
    if (got <= 0)
        return got < 0 && is_too_early();
    client->received += (size_t)got;
    client->request[client->received] = '\0';
    look_at_request(client, pool);
    return 1;
}

/* Sends what there is room for. 0: the connection is over. */
static int send_answer(struct client *client)
{
    while (client->sent < client->length) {
        /* MSG_NOSIGNAL: a client that is gone must not end the program with SIGPIPE. */
        ssize_t sent = send(client->fd, client->answer + client->sent, client->length - client->sent, MSG_NOSIGNAL);
        if (sent < 0)
            return is_too_early();
        client->sent += (size_t)sent;
    }
    /* What a client has sent beyond its request, unread, would turn the end of the connection into a reset, which can
     * take the answer with it. */
    if (recv(client->fd, client->request, REQUEST_MAX, 0) > 0)
        shutdown(client->fd, SHUT_WR);
    return 0;
}

static int serve_client(struct client *client, orapool *pool)
{
    if (client->answer == NULL && !receive(client, pool))
        return 0;
    return client->answer == NULL || send_answer(client);
}

static void accept_clients(struct server *server)
{
    while (server->count < CLIENTS_MAX) {
        struct client *client = &server->clients[server->count];
        int fd = accept(server->fd, NULL, NULL);
        if (fd < 0)
            return;
        set_nonblocking(fd);
        memset(client, 0, sizeof *client);
        client->fd = fd;
        client->until_ms = now_ms() + CLIENT_LIMIT_MS;
        server->count++;
    }
}

static void drop_client(struct server *server, int at)
{
    close(server->clients[at].fd);
    free(server->clients[at].answer);
    server->clients[at] = server->clients[--server->count];
}

/* One round: waits until something can be done, at most for `limit_ms`, and does it. Who takes too long goes, so that a
 * client that sends nothing keeps nobody out for ever. */
static void serve(struct server *server, int limit_ms)
{
    struct pollfd polled[CLIENTS_MAX + 1];
    int count = server->count;
    int at;

    for (at = 0; at < count; at++) {
        polled[at].fd = server->clients[at].fd;
        polled[at].events = server->clients[at].answer == NULL ? POLLIN : POLLOUT;
        polled[at].revents = 0;
    }
    /* With all places taken the next clients wait in the kernel's queue. */
    polled[count].fd = count < CLIENTS_MAX ? server->fd : -1;
    polled[count].events = POLLIN;
    polled[count].revents = 0;
    if (poll(polled, (nfds_t)count + 1, limit_ms) < 0 && errno != EINTR)
        die("poll");
    /* From the last to the first: what drop_client moves has been looked at. */
    for (at = count - 1; at >= 0; at--) {
        struct client *client = &server->clients[at];
        if ((polled[at].revents != 0 && !serve_client(client, server->pool)) || now_ms() > client->until_ms)
            drop_client(server, at);
    }
    if (polled[count].revents != 0)
        accept_clients(server);
}

static void end_server(struct server *server)
{
    while (server->count > 0)
        drop_client(server, 0);
    close(server->fd);
}

/* -- a client --------------------------------------------------------------------------------------------------- */

struct question {
    int port;
    pthread_mutex_t lock;
    int is_answered;
};

static int is_answered(struct question *question)
{
    int answered;
    pthread_mutex_lock(&question->lock);
    answered = question->is_answered;
    pthread_mutex_unlock(&question->lock);
    return answered;
}

/* Asks as Prometheus does, and prints what of the answer is not 0. */
static void *scrape(void *argument)
{
    struct question *question = (struct question *)argument;
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    static char page[1 << 16];
    struct sockaddr_in address;
    size_t length = 0;
    ssize_t got;
    char *line;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)question->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        send(fd, request, sizeof request - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof request - 1))
        die("ask for the page");
    while (length < sizeof page - 1 && (got = recv(fd, page + length, sizeof page - 1 - length, 0)) > 0)
        length += (size_t)got;
    page[length] = '\0';
    close(fd);
    pthread_mutex_lock(&question->lock);
    question->is_answered = 1;
    pthread_mutex_unlock(&question->lock);

    printf("GET /metrics gave %lu bytes. Of its samples those that are not 0:\n\n", (unsigned long)length);
    for (line = strtok(page, "\r\n"); line != NULL; line = strtok(NULL, "\r\n")) {
        const char *value = strrchr(line, ' ');
        if (begins_with(line, "HTTP/"))
            printf("  %s\n", line);
        else if (line[0] != '#' && strchr(line, '{') != NULL && value != NULL && strcmp(value, " 0") != 0)
            printf("  %s\n", line);
    }
    return NULL;
}

/* -- main ------------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t is_interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    is_interrupted = 1;
}

static void serve_until_interrupted(struct server *server)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = interrupt;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* The limit is for a signal that comes between the look and the poll. */
    while (!is_interrupted)
        serve(server, 500);
    printf("\nInterrupted.\n");
}

/* The server's thread goes on serving while another asks. */
static void serve_one_scrape(struct server *server)
{
    double until_ms = now_ms() + LOAD_MS;
    struct question question;
    pthread_t asking;
    while (now_ms() < until_ms)
        serve(server, 20);
    question.port = server->port;
    question.is_answered = 0;
    pthread_mutex_init(&question.lock, NULL);
    start_thread(&asking, scrape, &question);
    while (!is_answered(&question))
        serve(server, 20);
    pthread_join(asking, NULL);
    pthread_mutex_destroy(&question.lock);
}

/* "9464" is 9464; anything that is no port ends the program. */
static int port_of(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);
    if (end == text || *end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is no port: 0 to 65535\n", text);
        exit(EXIT_FAILURE);
    }
    return (int)port;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? port_of(argv[1]) : 0;
    static struct server server;
    pthread_t threads[THREADS];
    struct load load;
    orapool_error *error;
    orapool_attrs *attrs = new_attrs("embedded:exporter?call_delay_ms=2");
    int i;

    set_int(attrs, ORAPOOL_ATTR_SESSIONS_MAX, SESSIONS_MAX);
    /* The name is a label of every sample: it tells the pools of a process apart. */
    check(orapool_create("shop", ORAPOOL_NTS, attrs, ORAPOOL_CREATE_NEW, &load.pool, &error), &error,
          "create the pool");
    orapool_attrs_free(attrs);
    load.is_over = 0;
    pthread_mutex_init(&load.lock, NULL);
    for (i = 0; i < THREADS; i++)
        start_thread(&threads[i], work, &load);

    begin_server(&server, load.pool, port);
    printf("Serving http://127.0.0.1:%d/metrics\n\n", server.port);
    fflush(stdout);
    if (argc > 1)
        serve_until_interrupted(&server);
    else
        serve_one_scrape(&server);
    end_server(&server);

    pthread_mutex_lock(&load.lock);
    load.is_over = 1;
    pthread_mutex_unlock(&load.lock);
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&load.lock);
    close_pool(load.pool);
    return EXIT_SUCCESS;
}
