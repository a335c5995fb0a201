import { serveSftp } from '../../agent/ssh/sftp-server.ts';

// The SFTP server as a program of its own, as `wip-agent sftp-server` runs it.
await serveSftp(process.stdin, process.stdout);
