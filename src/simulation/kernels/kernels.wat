;; The arithmetic of the three kernels. 64-bit wrapping integers are native here and slow as BigInt.
;;
;; After a change, run this in the folder of this file and paste the output into kernel_module.ts:
;;   npx -y -p wabt@1.0.39 wat2wasm kernels.wat --output=- | base64 -w 96
;;
;; Scratch memory, rewritten by every call:
;;   countPrimes  0: lo, i32 at 4 * k, k odd <= 500    2048: hi, the same
;;   riskFinish   0: bucket counts, i32[256]           1024: candidates, i64[50001]
(module
  (memory 7)

  (global $hash (mut i64) (i64.const 0))
  (global $mean (mut f64) (f64.const 0))
  (global $vol (mut f64) (f64.const 0))

  ;; ---- hash_mix: hash_start, hash_absorb for each input, hash_finish

  (func $hash_start (export "hashStart")
    (global.set $hash (i64.const 0xcbf29ce484222325)))

  (func $hash_absorb (export "hashAbsorb") (param $v i64)
    (local $x i64)
    (local.set $x (i64.mul (i64.xor (global.get $hash) (local.get $v))
      (i64.const 0x00000100000001b3)))
    (local.set $x (i64.mul (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 33)))
      (i64.const 0xff51afd7ed558ccd)))
    (local.set $x (i64.mul (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 33)))
      (i64.const 0xc4ceb9fe1a85ec53)))
    (global.set $hash (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 33)))))

  ;; $n is 1..1024: a loop tested at its end.
  (func $mix_slice (param $t i64) (param $n i32) (result i64)
    (loop $round
      (local.set $t (i64.mul
        (i64.xor (i64.rotl (local.get $t) (i64.const 7)) (i64.const 0x9e3779b97f4a7c15))
        (i64.const 0xbf58476d1ce4e5b9)))
      (br_if $round (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $t))

  ;; In slices, because V8 replaces its first, four times slower code only between calls.
  (func $mix (param $t i64) (param $n i64) (result i64)
    (block $done
      (loop $slice
        (br_if $done (i64.le_u (local.get $n) (i64.const 1024)))
        (local.set $t (call $mix_slice (local.get $t) (i32.const 1024)))
        (local.set $n (i64.sub (local.get $n) (i64.const 1024)))
        (br $slice)))
    (if (result i64) (i64.eqz (local.get $n))
      (then (local.get $t))
      (else (call $mix_slice (local.get $t) (i32.wrap_i64 (local.get $n))))))

  (func (export "hashFinish") (param $cost i64) (result i64)
    (local $n i64)
    (local.set $n (i64.shr_u (local.get $cost) (i64.const 6)))
    (call $mix (global.get $hash)
      (select (i64.const 1) (local.get $n) (i64.eqz (local.get $n)))))

  (func (export "hashRounds") (param $seed i32) (param $rounds i32) (result i32)
    (call $hash_start)
    (call $hash_absorb (i64.extend_i32_u (local.get $seed)))
    (i32.wrap_i64 (call $mix (global.get $hash) (i64.extend_i32_u (local.get $rounds)))))

  ;; ---- prime_count: the Legendre recurrence over the values floor(n / k), 10,000 <= n <= 250,000
  ;;
  ;; S(w) = how many odd numbers of 3..w are prime or not divisible by any prime below p.
  ;; For each odd prime p with p * p <= w: S(w) -= S(w / p) - S(p - 1). In the end S(n) + 1 = pi(n).
  ;; lo[k] = S(k) and hi[k] = S(n / k) for odd k <= sqrt(n); S(w) of an even w is lo[w - 1], so any
  ;; w is looked up at (w - 1) | 1. About 2,000 updates at n = 80,000; a sieve makes 100,000.

  (func (export "countPrimes") (param $n i32) (result i32)
    (local $root i32) (local $p i32) (local $before i32)
    (local $k i32) (local $last i32) (local $kp i32) (local $m i32)
    (local.set $root (i32.trunc_f64_u (f64.sqrt (f64.convert_i32_u (local.get $n)))))
    (local.set $k (i32.const 1))
    (loop $fill
      (i32.store (i32.shl (local.get $k) (i32.const 2)) (i32.shr_u (local.get $k) (i32.const 1)))
      (i32.store offset=2048 (i32.shl (local.get $k) (i32.const 2))
        (i32.shr_u (i32.sub (i32.div_u (local.get $n) (local.get $k)) (i32.const 1)) (i32.const 1)))
      (br_if $fill (i32.le_u
        (local.tee $k (i32.add (local.get $k) (i32.const 2)))
        (local.get $root))))

    (local.set $p (i32.const 3))
    (loop $sieve
      (local.set $before (i32.load (i32.shl (i32.sub (local.get $p) (i32.const 2)) (i32.const 2))))
      (if (i32.ne (i32.load (i32.shl (local.get $p) (i32.const 2))) (local.get $before)) (then
        ;; hi[k], upwards, while p * p <= n / k. S(n / (k * p)) is in hi while k * p <= root, then
        ;; in lo.
        (local.set $m (i32.div_u (local.get $n) (local.get $p)))
        (local.set $last (i32.div_u (local.get $m) (local.get $p)))
        (if (i32.gt_u (local.get $last) (local.get $root))
          (then (local.set $last (local.get $root))))
        (local.set $k (i32.const 1))
        (local.set $kp (local.get $p))
        (block $far
          (loop $near
            (br_if $far (i32.gt_u (local.get $kp) (local.get $root)))
            (br_if $far (i32.gt_u (local.get $k) (local.get $last)))
            (i32.store offset=2048 (i32.shl (local.get $k) (i32.const 2))
              (i32.add (local.get $before) (i32.sub
                (i32.load offset=2048 (i32.shl (local.get $k) (i32.const 2)))
                (i32.load offset=2048 (i32.shl (local.get $kp) (i32.const 2))))))
            (local.set $k (i32.add (local.get $k) (i32.const 2)))
            (local.set $kp (i32.add (local.get $kp) (i32.shl (local.get $p) (i32.const 1))))
            (br $near)))
        (block $done
          (loop $rest
            (br_if $done (i32.gt_u (local.get $k) (local.get $last)))
            (i32.store offset=2048 (i32.shl (local.get $k) (i32.const 2))
              (i32.add (local.get $before) (i32.sub
                (i32.load offset=2048 (i32.shl (local.get $k) (i32.const 2)))
                (i32.load (i32.shl
                  (i32.or (i32.const 1)
                    (i32.sub (i32.div_u (local.get $m) (local.get $k)) (i32.const 1)))
                  (i32.const 2))))))
            (local.set $k (i32.add (local.get $k) (i32.const 2)))
            (br $rest)))

        ;; lo[k], downwards, as it reads smaller entries, while p * p <= k.
        (local.set $k (i32.or (i32.sub (local.get $root) (i32.const 1)) (i32.const 1)))
        (local.set $last (i32.mul (local.get $p) (local.get $p)))
        (block $done
          (loop $low
            (br_if $done (i32.lt_u (local.get $k) (local.get $last)))
            (i32.store (i32.shl (local.get $k) (i32.const 2))
              (i32.add (local.get $before) (i32.sub
                (i32.load (i32.shl (local.get $k) (i32.const 2)))
                (i32.load (i32.shl
                  (i32.or (i32.const 1)
                    (i32.sub (i32.div_u (local.get $k) (local.get $p)) (i32.const 1)))
                  (i32.const 2))))))
            (local.set $k (i32.sub (local.get $k) (i32.const 2)))
            (br $low)))))
      (br_if $sieve (i32.le_u
        (local.tee $p (i32.add (local.get $p) (i32.const 2)))
        (local.get $root))))
    (i32.add (i32.load offset=2052 (i32.const 0)) (i32.const 1)))

  ;; ---- monte_carlo_risk: risk_start, risk_absorb for each input, risk_finish
  ;;
  ;; mean and vol are the same for every sample, and a sample rises with its random number r (each
  ;; rounding is monotone, the factor of r positive). So the sample of rank k belongs to the r of
  ;; rank k, and nothing is sorted.

  (func (export "riskStart")
    (global.set $mean (f64.const 0))
    (global.set $vol (f64.const 1)))

  (func (export "riskAbsorb") (param $v i64)
    (global.set $mean (f64.add (global.get $mean)
      (f64.mul
        (f64.mul (f64.convert_i64_u (local.get $v)) (f64.const 0x1p-64))
        (f64.const 0.0001))))
    (global.set $vol (f64.add (global.get $vol)
      (f64.mul
        (f64.sub
          (f64.mul (f64.convert_i64_u (i64.rotl (local.get $v) (i64.const 13))) (f64.const 0x1p-64))
          (f64.const 0.5))
        (f64.const 0.01)))))

  (func $xorshift (param $s i64) (result i64)
    (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 12))))
    (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 25))))
    (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 27))))

  ;; The state 1,250 steps later: the constant is x^1250 modulo the characteristic polynomial of the
  ;; step, x^64 + 0x0018b73aa7cc9b71; each of its bits adds (xor) the state that many steps later.
  (func $jump (param $s i64) (result i64)
    (local $bits i64) (local $sum i64)
    (local.set $bits (i64.const 0x5ea4a2188d5f7a60))
    (loop $bit
      (local.set $sum (i64.xor (local.get $sum)
        (i64.and (local.get $s) (i64.sub (i64.const 0) (i64.and (local.get $bits) (i64.const 1))))))
      (local.set $s (call $xorshift (local.get $s)))
      (br_if $bit (i32.eqz (i64.eqz
        (local.tee $bits (i64.shr_u (local.get $bits) (i64.const 1)))))))
    (local.get $sum))

  ;; Draws $n numbers, keeps those <= $bound as candidates and returns the end of the candidates.
  ;; Each step of a xorshift chain depends on the last, so 5,000 draws run as four chains of 1,250.
  ;; Every number is written; the pointer advances only if it is kept: a branch would mispredict.
  (func $risk_draw (param $s i64) (param $n i32) (param $bound i64) (result i32)
    (local $p i32) (local $i i32) (local $r i64)
    (local $b i64) (local $c i64) (local $d i64)
    (local.set $p (i32.const 1024))
    (loop $block
      (local.set $b (call $jump (local.get $s)))
      (local.set $c (call $jump (local.get $b)))
      (local.set $d (call $jump (local.get $c)))
      (local.set $i (i32.const 1250))
      (loop $four
        (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 12))))
        (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 25))))
        (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 27))))
        (i64.store (local.get $p)
          (local.tee $r (i64.mul (local.get $s) (i64.const 0x2545f4914f6cdd1d))))
        (local.set $p (i32.add (local.get $p)
          (i32.shl (i64.le_u (local.get $r) (local.get $bound)) (i32.const 3))))

        (local.set $b (i64.xor (local.get $b) (i64.shr_u (local.get $b) (i64.const 12))))
        (local.set $b (i64.xor (local.get $b) (i64.shl (local.get $b) (i64.const 25))))
        (local.set $b (i64.xor (local.get $b) (i64.shr_u (local.get $b) (i64.const 27))))
        (i64.store (local.get $p)
          (local.tee $r (i64.mul (local.get $b) (i64.const 0x2545f4914f6cdd1d))))
        (local.set $p (i32.add (local.get $p)
          (i32.shl (i64.le_u (local.get $r) (local.get $bound)) (i32.const 3))))

        (local.set $c (i64.xor (local.get $c) (i64.shr_u (local.get $c) (i64.const 12))))
        (local.set $c (i64.xor (local.get $c) (i64.shl (local.get $c) (i64.const 25))))
        (local.set $c (i64.xor (local.get $c) (i64.shr_u (local.get $c) (i64.const 27))))
        (i64.store (local.get $p)
          (local.tee $r (i64.mul (local.get $c) (i64.const 0x2545f4914f6cdd1d))))
        (local.set $p (i32.add (local.get $p)
          (i32.shl (i64.le_u (local.get $r) (local.get $bound)) (i32.const 3))))

        (local.set $d (i64.xor (local.get $d) (i64.shr_u (local.get $d) (i64.const 12))))
        (local.set $d (i64.xor (local.get $d) (i64.shl (local.get $d) (i64.const 25))))
        (local.set $d (i64.xor (local.get $d) (i64.shr_u (local.get $d) (i64.const 27))))
        (i64.store (local.get $p)
          (local.tee $r (i64.mul (local.get $d) (i64.const 0x2545f4914f6cdd1d))))
        (local.set $p (i32.add (local.get $p)
          (i32.shl (i64.le_u (local.get $r) (local.get $bound)) (i32.const 3))))
        (br_if $four (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (local.set $s (local.get $d))
      (br_if $block (i32.ge_u
        (local.tee $n (i32.sub (local.get $n) (i32.const 5000)))
        (i32.const 5000))))
    (block $done
      (loop $one
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $s (call $xorshift (local.get $s)))
        (i64.store (local.get $p)
          (local.tee $r (i64.mul (local.get $s) (i64.const 0x2545f4914f6cdd1d))))
        (local.set $p (i32.add (local.get $p)
          (i32.shl (i64.le_u (local.get $r) (local.get $bound)) (i32.const 3))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $one)))
    (local.get $p))

  ;; The candidate of rank $k (0 is the smallest) among those up to $end, by radix selection: counts
  ;; the values of the top byte, keeps the candidates with the byte of rank $k, repeats with the next.
  (func $risk_select (param $end i32) (param $k i32) (result i64)
    (local $shift i64) (local $from i32) (local $to i32)
    (local $slot i32) (local $count i32) (local $r i64)
    (local.set $shift (i64.const 56))
    (block $done
      (loop $byte
        (memory.fill (i32.const 0) (i32.const 0) (i32.const 1024))
        (local.set $from (i32.const 1024))
        (loop $tally
          (local.set $slot (i32.shl (i32.and
            (i32.wrap_i64 (i64.shr_u (i64.load (local.get $from)) (local.get $shift)))
            (i32.const 255)) (i32.const 2)))
          (i32.store (local.get $slot) (i32.add (i32.load (local.get $slot)) (i32.const 1)))
          (br_if $tally (i32.lt_u
            (local.tee $from (i32.add (local.get $from) (i32.const 8)))
            (local.get $end))))
        (local.set $slot (i32.const 0))
        (block $found
          (loop $scan
            (br_if $found (i32.lt_u (local.get $k) (local.tee $count (i32.load (local.get $slot)))))
            (local.set $k (i32.sub (local.get $k) (local.get $count)))
            (local.set $slot (i32.add (local.get $slot) (i32.const 4)))
            (br $scan)))
        (local.set $slot (i32.shr_u (local.get $slot) (i32.const 2)))
        (local.set $from (i32.const 1024))
        (local.set $to (i32.const 1024))
        (loop $keep
          (i64.store (local.get $to) (local.tee $r (i64.load (local.get $from))))
          (local.set $to (i32.add (local.get $to) (i32.shl
            (i32.eq (local.get $slot)
              (i32.and
                (i32.wrap_i64 (i64.shr_u (local.get $r) (local.get $shift)))
                (i32.const 255)))
            (i32.const 3))))
          (br_if $keep (i32.lt_u
            (local.tee $from (i32.add (local.get $from) (i32.const 8)))
            (local.get $end))))
        (local.set $end (local.get $to))
        (br_if $done (i32.eq (local.get $count) (i32.const 1)))
        (br_if $done (i64.eqz (local.get $shift)))
        (local.set $shift (i64.sub (local.get $shift) (i64.const 8)))
        (br $byte)))
    (i64.load (i32.const 1024)))

  (func (export "riskFinish") (param $id i64) (param $n i32) (result f64)
    (local $s i64) (local $k i32) (local $end i32)
    (local.set $s (i64.xor (i64.const 0x123456789abcdef0) (local.get $id)))
    (local.set $k (i32.div_u (local.get $n) (i32.const 20)))
    ;; Rank n / 20 is almost always among the numbers below 2^60, a sixteenth of all; about one seed
    ;; in ten thousand keeps every number instead.
    (local.set $end (call $risk_draw (local.get $s) (local.get $n) (i64.const 0x0fffffffffffffff)))
    (if (i32.le_u
        (i32.sub (local.get $end) (i32.const 1024))
        (i32.shl (local.get $k) (i32.const 3)))
      (then (local.set $end (call $risk_draw (local.get $s) (local.get $n) (i64.const -1)))))
    (f64.add (global.get $mean) (f64.mul
      (f64.mul (f64.const 0.05)
        (f64.sub
          (f64.mul
            (f64.mul
              (f64.convert_i64_u (call $risk_select (local.get $end) (local.get $k)))
              (f64.const 0x1p-64))
            (f64.const 2))
          (f64.const 1)))
      (f64.max (global.get $vol) (f64.const 0.1))))))
