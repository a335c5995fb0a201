import { z } from 'zod';

// Services take names of 255 bytes at most (a file system's limit, which git has too); these leave room, and bound what a task is made of.
export const RefName = z.string().max(1_024);
export const RepositoryName = z.string().max(1_024);
export const CloneAddress = z.string().max(4_096);
