/** How the kernel shares cores among threads. */
export interface KernelOptions {
  /** Number of cores, >= 1. @default {Infinity} */
  readonly cores?: number;
  /** How long a thread keeps a core that others wait for, in ms. @default {4} */
  readonly sliceMs?: number;
  /** By how much a woken thread must have had less of a core to take it at once, in ms. @default {1} */
  readonly wakeUpMs?: number;
  /** Largest credit for time spent asleep, in ms. @default {3} */
  readonly creditMs?: number;
  /**
   * Share of the wake-ups, 0 to 1, that find the running threads protected, so that the woken one waits for
   * the end of a slice however far it is behind. @default {0}
   */
  readonly heldShare?: number;
  /**
   * Speed of a core while the other one of its pair is busy, as a share of its speed alone, 0.1 to 1. Less
   * than 1 is for hyperthreads, which share what one core has: then work takes longer than it needs a core
   * while more than half of the cores are busy. @default {1}
   */
  readonly pairSpeed?: number;
}
