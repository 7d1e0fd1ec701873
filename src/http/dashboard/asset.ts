/** One file of the page, as it is served. */
export interface Asset {
  /** Its name below `assets/`, with a hash of its content; `""` for the page itself. */
  readonly name: string;
  /** Its media type. */
  readonly contentType: string;
  /** Its text. */
  readonly text: string;
  /** Its entity tag, quotes included. */
  readonly etag: string;
}
