import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type DataPoint, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import assert from "node:assert/strict";

/** Gives metrics when asked to. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** What the SDK, registered for this process, has seen. */
export class Recorder {
  readonly tracer: api.Tracer;
  /** What the API complained about, such as a span that ends twice. */
  readonly complaints: string[] = [];
  readonly #exporter = new InMemorySpanExporter();
  readonly #reader = new Reader();
  readonly #provider: BasicTracerProvider;
  /** Ids of the spans that have begun and not ended. */
  readonly #open = new Set<string>();

  /** @param sampler Picks what is recorded. Default: everything. */
  constructor(sampler?: Sampler) {
    const note = (message: string): void => void this.complaints.push(message);
    const watch: SpanProcessor = {
      onStart: (span) => void this.#open.add(span.spanContext().spanId),
      onEnd: (span) => void this.#open.delete(span.spanContext().spanId),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    this.#provider = new BasicTracerProvider({
      sampler,
      spanProcessors: [watch, new SimpleSpanProcessor(this.#exporter)],
    });
    for (const part of [api.trace, api.metrics, api.context, api.propagation]) part.disable();
    api.diag.setLogger({ error: note, warn: note, info() {}, debug() {}, verbose() {} }, {
      suppressOverrideMessage: true,
    });
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    api.trace.setGlobalTracerProvider(this.#provider);
    api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [this.#reader] }));
    this.tracer = api.trace.getTracer("test");
  }

  /** Spans that have ended, by name, in the order of their ends. */
  spans(name?: string): ReadableSpan[] {
    const spans = this.#exporter.getFinishedSpans();
    return name === undefined ? spans : spans.filter((span) => span.name === name);
  }

  /** The one span of this name. */
  span(name: string): ReadableSpan {
    const spans = this.spans(name);
    assert.equal(spans.length, 1, `spans ${name}`);
    return spans[0];
  }

  /** Fails unless every span has ended, and ended once. */
  async assertAllEnded(): Promise<void> {
    await this.#provider.forceFlush();
    assert.deepEqual([...this.#open], []);
    assert.deepEqual(this.complaints, []);
  }

  /** All points of a metric; fails if there is no such metric of that unit. */
  async points(name: string, unit: string): Promise<DataPoint<unknown>[]> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    assert.deepEqual(errors, []);
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const metric = metrics.find(({ descriptor }) => descriptor.name === name);
    assert.ok(metric !== undefined, `no metric ${name}`);
    assert.equal(metric.descriptor.unit, unit);
    return metric.dataPoints;
  }

  /** Forgets the spans. */
  reset(): void {
    this.#exporter.reset();
    this.complaints.length = 0;
  }
}

/** Id of the span that a span is a child of. */
export function parentIdOf(span: ReadableSpan): string | undefined {
  return span.parentSpanContext?.spanId;
}

export function idOf(span: Pick<api.Span, "spanContext">): string {
  return span.spanContext().spanId;
}
