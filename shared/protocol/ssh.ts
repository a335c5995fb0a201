/**
 * The only algorithms of both ends of the SSH connection: ed25519 keys, curve25519, and AES-GCM. The ciphers that the
 * Terrapin attack (CVE-2023-48795) needs are not among them, and both ends announce strict key exchange besides.
 * Stock clients since OpenSSH 6.5 (2014) know all of these.
 */
export const SSH_ALGORITHMS = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
  serverHostKey: ['ssh-ed25519'],
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com'],
  // Unused with AES-GCM, which authenticates by itself, but the list may not be empty.
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
  compress: ['none'],
} as const;
