/* Looks one name up with getaddrinfo: `lookup any|4|6 NAME`. Prints `ok ADDRESS...` or `error CODE`.
   Compiled once for glibc and once for musl. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct addrinfo hints = {0}, *list = 0;
	if (argc != 3)
		return 2;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_family = !strcmp(argv[1], "4") ? AF_INET : !strcmp(argv[1], "6") ? AF_INET6 : AF_UNSPEC;
	int code = getaddrinfo(argv[2], 0, &hints, &list);
	if (code) {
		printf("error %d\n", code);
		return 0;
	}
	printf("ok");
	for (struct addrinfo *it = list; it; it = it->ai_next) {
		char text[INET6_ADDRSTRLEN] = "?";
		if (it->ai_family == AF_INET)
			inet_ntop(AF_INET, &((struct sockaddr_in *)it->ai_addr)->sin_addr, text, sizeof text);
		else
			inet_ntop(AF_INET6, &((struct sockaddr_in6 *)it->ai_addr)->sin6_addr, text, sizeof text);
		printf(" %s", text);
	}
	printf("\n");
	return 0;
}
