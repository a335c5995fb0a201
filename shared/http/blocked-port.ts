// The bad ports of the Fetch standard (https://fetch.spec.whatwg.org/#port-blocking), which Node's fetch has as well. They belong to
// protocols that a web page could be made to speak, such as SMTP and IRC.
const BLOCKED = new Set([
  ...[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111,
  ],
  ...[
    113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540,
    548,
  ],
  ...[
    554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566,
  ],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/** Returns whether browsers, and programs that ask with fetch as wipctl does, refuse to call a server at this port. */
export function isBlockedPort(port: number): boolean {
  return BLOCKED.has(port);
}

/** The same of the port that an address names. */
export function hasBlockedPort(address: string): boolean {
  return isBlockedPort(Number(URL.parse(address)?.port ?? 0));
}
