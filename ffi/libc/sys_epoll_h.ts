// sys/epoll.h

export const sys_epoll_h = {
  epoll_create1: { parameters: ["i32"], result: "i32" }, // int flags; fd or -1
  epoll_ctl: {
    parameters: ["i32", "i32", "i32", "buffer"], // int epfd, int op, int fd, struct epoll_event *
    result: "i32", // 0 or -1 with errno set
  },
  epoll_wait_async: {
    name: "epoll_wait",
    nonblocking: true,
    parameters: ["i32", "buffer", "i32", "i32"], // int epfd, events, int maxevents, int timeout ms
    result: "i32", // ready events; its errno stays on another thread
  },
} as const satisfies Deno.ForeignLibraryInterface;
