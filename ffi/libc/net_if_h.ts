// net/if.h

export const net_if_h = {
  if_nametoindex: { parameters: ["buffer"], result: "u32" }, // const char *; 0 with errno set
  if_indextoname: {
    parameters: ["u32", "buffer"], // unsigned int ifindex, char ifname[IF_NAMESIZE]
    result: "pointer", // char *: ifname, or NULL with errno set
  },
} as const satisfies Deno.ForeignLibraryInterface;
