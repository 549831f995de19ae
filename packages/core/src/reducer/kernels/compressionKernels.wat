;; float32 to half of its bits and back, four or eight numbers at a time (SIMD, 128 bits).
;;
;; Compiled into compressionKernelsBinary.ts by tools/buildKernels.mjs; a test compiles it again and compares.
;;
;; $values, $residual, $into, $from: byte addresses in the memory, of any alignment; none may overlap another.
;; $length: in elements, a multiple of 4 (what is over is left to ../compression/kernelCodec.ts).
;;
;; Numbers are not branched upon: what one could be besides ordinary is computed as well, and the right one is
;; selected. A magnitude is all bits but the sign: as integers, magnitudes order like the numbers.
;; To round to nearest even: of the bits that are cut off, add half of their range less one, and one more if what
;; stays is odd; the carry is the rounding.
;; Infinite and NaN are "special": their magnitude is above the bits of the largest float32. NaN becomes one
;; word, without sign, so that all machines send the same bits.
(module
  (import "env" "memory" (memory 1 65536))

  ;; sum = values[i] + residual[i]; into[i] = bfloat16(sum), the upper half of a float32; residual[i] = sum - into[i]
  (func $encodeAnyBfloat16
    (param $values i32) (param $into i32) (param $residual i32) (param $length i32)
    (local $end i32)
    (local $infinity v128) (local $largest v128) (local $magnitudeBits v128) (local $half v128)
    (local $kept v128) (local $one v128) (local $quiet v128)
    (local $sum v128) (local $magnitude v128) (local $special v128) (local $nan v128) (local $rounded v128)
    (local.set $infinity (i32x4.splat (i32.const 0x7f800000)))
    (local.set $largest (i32x4.splat (i32.const 0x7f7fffff)))
    (local.set $magnitudeBits (i32x4.splat (i32.const 0x7fffffff)))
    (local.set $half (i32x4.splat (i32.const 0x7fff)))
    (local.set $kept (i32x4.splat (i32.const 0xffff0000)))
    (local.set $one (i32x4.splat (i32.const 1)))
    (local.set $quiet (i32x4.splat (i32.const 0x400000)))
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 1))))
    (block $done
      (loop $fours
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (local.set $sum (f32x4.add (v128.load (local.get $values)) (v128.load (local.get $residual))))
        (local.set $magnitude (v128.and (local.get $sum) (local.get $magnitudeBits)))
        (local.set $special (i32x4.gt_s (local.get $magnitude) (local.get $largest)))
        (local.set $nan (f32x4.ne (local.get $sum) (local.get $sum)))
        ;; No ordinary number is rounded up to infinity: cut off, the largest float32 is the largest bfloat16.
        (local.set $rounded
          (v128.and
            (i32x4.min_s
              (i32x4.add
                (i32x4.add (local.get $magnitude) (local.get $half))
                (v128.and (i32x4.shr_u (local.get $magnitude) (i32.const 16)) (local.get $one)))
              (local.get $largest))
            (local.get $kept)))
        (local.set $rounded
          (v128.bitselect
            (v128.or (local.get $infinity) (v128.and (local.get $nan) (local.get $quiet)))
            (local.get $rounded)
            (local.get $special)))
        ;; The sign, but of NaN.
        (local.set $rounded
          (v128.or
            (local.get $rounded)
            (v128.andnot
              (v128.andnot (local.get $sum) (local.get $magnitudeBits))
              (local.get $nan))))
        (v128.store (local.get $residual)
          (v128.andnot (f32x4.sub (local.get $sum) (local.get $rounded)) (local.get $special)))
        (v128.store64_lane 0
          (local.get $into)
          (i8x16.shuffle 2 3 6 7 10 11 14 15 0 0 0 0 0 0 0 0
            (local.get $rounded) (local.get $rounded)))
        (local.set $values (i32.add (local.get $values) (i32.const 16)))
        (local.set $residual (i32.add (local.get $residual) (i32.const 16)))
        (local.set $into (i32.add (local.get $into) (i32.const 8)))
        (br $fours))))

  ;; The same in half of the time: where eight sums are all ordinary, which is almost always, they need nothing of
  ;; the above but the rounding, which leaves the sign alone.
  (func (export "encodeBfloat16")
    (param $values i32) (param $into i32) (param $residual i32) (param $length i32)
    (local $end i32) (local $vectorEnd i32)
    (local $roundedUp v128) (local $magnitudeBits v128) (local $half v128) (local $kept v128) (local $one v128)
    (local $a v128) (local $b v128) (local $roundedA v128) (local $roundedB v128)
    ;; The largest magnitude that is not rounded up beyond the largest bfloat16.
    (local.set $roundedUp (i32x4.splat (i32.const 0x7f7f7fff)))
    (local.set $magnitudeBits (i32x4.splat (i32.const 0x7fffffff)))
    (local.set $half (i32x4.splat (i32.const 0x7fff)))
    (local.set $kept (i32x4.splat (i32.const 0xffff0000)))
    (local.set $one (i32x4.splat (i32.const 1)))
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 1))))
    (local.set $vectorEnd
      (i32.add (local.get $into) (i32.shl (i32.and (local.get $length) (i32.const -8)) (i32.const 1))))
    (block $done
      (loop $eights
        (br_if $done (i32.eq (local.get $into) (local.get $vectorEnd)))
        (local.set $a (f32x4.add (v128.load (local.get $values)) (v128.load (local.get $residual))))
        (local.set $b
          (f32x4.add (v128.load offset=16 (local.get $values)) (v128.load offset=16 (local.get $residual))))
        (if
          (v128.any_true
            (i32x4.gt_s
              (i32x4.max_s
                (v128.and (local.get $a) (local.get $magnitudeBits))
                (v128.and (local.get $b) (local.get $magnitudeBits)))
              (local.get $roundedUp)))
          (then
            (call $encodeAnyBfloat16
              (local.get $values) (local.get $into) (local.get $residual) (i32.const 8)))
          (else
            (local.set $roundedA
              (v128.and
                (i32x4.add
                  (i32x4.add (local.get $a) (local.get $half))
                  (v128.and (i32x4.shr_u (local.get $a) (i32.const 16)) (local.get $one)))
                (local.get $kept)))
            (local.set $roundedB
              (v128.and
                (i32x4.add
                  (i32x4.add (local.get $b) (local.get $half))
                  (v128.and (i32x4.shr_u (local.get $b) (i32.const 16)) (local.get $one)))
                (local.get $kept)))
            (v128.store (local.get $residual) (f32x4.sub (local.get $a) (local.get $roundedA)))
            (v128.store offset=16 (local.get $residual) (f32x4.sub (local.get $b) (local.get $roundedB)))
            (v128.store (local.get $into)
              (i16x8.narrow_i32x4_u
                (i32x4.shr_u (local.get $roundedA) (i32.const 16))
                (i32x4.shr_u (local.get $roundedB) (i32.const 16))))))
        (local.set $values (i32.add (local.get $values) (i32.const 32)))
        (local.set $residual (i32.add (local.get $residual) (i32.const 32)))
        (local.set $into (i32.add (local.get $into) (i32.const 16)))
        (br $eights)))
    (call $encodeAnyBfloat16
      (local.get $values)
      (local.get $into)
      (local.get $residual)
      (i32.shr_u (i32.sub (local.get $end) (local.get $into)) (i32.const 1))))

  ;; into[i] = from[i]
  (func (export "decodeBfloat16")
    (param $from i32) (param $into i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 2))))
    (block $done
      (loop $fours
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (v128.store (local.get $into)
          (i32x4.shl (v128.load16x4_u (local.get $from)) (i32.const 16)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (local.set $into (i32.add (local.get $into) (i32.const 16)))
        (br $fours))))

  ;; into[i] = into[i] + from[i]
  (func (export "decodeAddBfloat16")
    (param $from i32) (param $into i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 2))))
    (block $done
      (loop $fours
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (v128.store (local.get $into)
          (f32x4.add
            (v128.load (local.get $into))
            (i32x4.shl (v128.load16x4_u (local.get $from)) (i32.const 16))))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (local.set $into (i32.add (local.get $into) (i32.const 16)))
        (br $fours))))

  ;; sum = values[i] + residual[i]; into[i] = float16(sum): IEEE 754 binary16, 5 bits of exponent (bias 15, that
  ;; of float32 less 112), 10 of fraction; residual[i] = sum - into[i]
  (func (export "encodeFloat16")
    (param $values i32) (param $into i32) (param $residual i32) (param $length i32)
    (local $end i32)
    (local $largest v128) (local $magnitudeBits v128) (local $largestHalf v128)
    (local $half v128) (local $kept v128) (local $one v128) (local $smallestNormal v128) (local $grid v128)
    (local $rebias v128) (local $infiniteWord v128) (local $quiet v128) (local $signWord v128)
    (local $sum v128) (local $magnitude v128) (local $special v128) (local $nan v128)
    (local $small v128) (local $shifted v128) (local $rounded v128) (local $word v128)
    (local.set $largest (i32x4.splat (i32.const 0x7f7fffff)))
    (local.set $magnitudeBits (i32x4.splat (i32.const 0x7fffffff)))
    (local.set $largestHalf (f32x4.splat (f32.const 65504)))
    (local.set $half (i32x4.splat (i32.const 0xfff)))
    (local.set $kept (i32x4.splat (i32.const 0xffffe000)))
    (local.set $one (i32x4.splat (i32.const 1)))
    (local.set $smallestNormal (f32x4.splat (f32.const 0x1p-14)))
    ;; From 0.5 to 1, neighbours of float32 are 2^-24 apart, as are the subnormals of float16: an addition rounds.
    (local.set $grid (f32x4.splat (f32.const 0.5)))
    (local.set $rebias (i32x4.splat (i32.const 0x38000000)))
    (local.set $infiniteWord (i32x4.splat (i32.const 0x7c00)))
    (local.set $quiet (i32x4.splat (i32.const 0x200)))
    (local.set $signWord (i32x4.splat (i32.const 0x8000)))
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 1))))
    (block $done
      (loop $fours
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (local.set $sum (f32x4.add (v128.load (local.get $values)) (v128.load (local.get $residual))))
        (local.set $magnitude (v128.and (local.get $sum) (local.get $magnitudeBits)))
        (local.set $special (i32x4.gt_s (local.get $magnitude) (local.get $largest)))
        (local.set $nan (f32x4.ne (local.get $sum) (local.get $sum)))
        (local.set $magnitude (i32x4.min_s (local.get $magnitude) (local.get $largestHalf)))
        (local.set $small (i32x4.gt_s (local.get $smallestNormal) (local.get $magnitude)))
        (local.set $shifted (f32x4.add (local.get $magnitude) (local.get $grid)))
        (local.set $rounded
          (v128.and
            (i32x4.add
              (i32x4.add (local.get $magnitude) (local.get $half))
              (v128.and (i32x4.shr_u (local.get $magnitude) (i32.const 13)) (local.get $one)))
            (local.get $kept)))
        (local.set $word
          (v128.bitselect
            (i32x4.sub (local.get $shifted) (local.get $grid))
            (i32x4.shr_u (i32x4.sub (local.get $rounded) (local.get $rebias)) (i32.const 13))
            (local.get $small)))
        (local.set $word
          (v128.bitselect
            (v128.or (local.get $infiniteWord) (v128.and (local.get $nan) (local.get $quiet)))
            (local.get $word)
            (local.get $special)))
        ;; The sign, but of NaN.
        (local.set $word
          (v128.or
            (local.get $word)
            (v128.andnot
              (v128.and (i32x4.shr_u (local.get $sum) (i32.const 16)) (local.get $signWord))
              (local.get $nan))))
        ;; The same number as float32.
        (local.set $rounded
          (v128.or
            (v128.andnot (local.get $sum) (local.get $magnitudeBits))
            (v128.bitselect
              (f32x4.sub (local.get $shifted) (local.get $grid))
              (local.get $rounded)
              (local.get $small))))
        (v128.store (local.get $residual)
          (v128.andnot (f32x4.sub (local.get $sum) (local.get $rounded)) (local.get $special)))
        (v128.store64_lane 0
          (local.get $into)
          (i16x8.narrow_i32x4_u (local.get $word) (local.get $word)))
        (local.set $values (i32.add (local.get $values) (i32.const 16)))
        (local.set $residual (i32.add (local.get $residual) (i32.const 16)))
        (local.set $into (i32.add (local.get $into) (i32.const 8)))
        (br $fours))))

  ;; into[i] = from[i] if $add is 0, else into[i] + from[i]
  (func $decodeFloat16
    (param $from i32) (param $into i32) (param $length i32) (param $add i32)
    (local $end i32)
    (local $magnitudeBits v128) (local $signWord v128) (local $rebias v128) (local $smallestNormal v128)
    (local $smallestShifted v128) (local $largestShifted v128)
    (local $word v128) (local $shifted v128) (local $number v128)
    (local.set $magnitudeBits (i32x4.splat (i32.const 0x7fff)))
    (local.set $signWord (i32x4.splat (i32.const 0x8000)))
    (local.set $rebias (i32x4.splat (i32.const 0x38000000)))
    (local.set $smallestNormal (f32x4.splat (f32.const 0x1p-14)))
    (local.set $smallestShifted (i32x4.splat (i32.const 0x800000)))
    (local.set $largestShifted (i32x4.splat (i32.const 0xf7fffff)))
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 2))))
    (block $done
      (loop $fours
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (local.set $word (v128.load16x4_u (local.get $from)))
        (local.set $shifted
          (i32x4.shl (v128.and (local.get $word) (local.get $magnitudeBits)) (i32.const 13)))
        (local.set $number
          (v128.bitselect
            ;; Subnormal: the fraction behind an exponent of -14, which brings a leading one to be taken off again.
            (f32x4.sub
              (v128.or (local.get $shifted) (local.get $smallestNormal))
              (local.get $smallestNormal))
            ;; The largest exponent, of infinity and NaN, is the largest again.
            (i32x4.add
              (i32x4.add (local.get $shifted) (local.get $rebias))
              (v128.and
                (i32x4.gt_s (local.get $shifted) (local.get $largestShifted))
                (local.get $rebias)))
            (i32x4.gt_s (local.get $smallestShifted) (local.get $shifted))))
        (local.set $number
          (v128.or
            (local.get $number)
            (i32x4.shl (v128.and (local.get $word) (local.get $signWord)) (i32.const 16))))
        (if (local.get $add)
          (then
            (local.set $number (f32x4.add (v128.load (local.get $into)) (local.get $number)))))
        (v128.store (local.get $into) (local.get $number))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (local.set $into (i32.add (local.get $into) (i32.const 16)))
        (br $fours))))

  (func (export "decodeFloat16") (param $from i32) (param $into i32) (param $length i32)
    (call $decodeFloat16 (local.get $from) (local.get $into) (local.get $length) (i32.const 0)))

  (func (export "decodeAddFloat16") (param $from i32) (param $into i32) (param $length i32)
    (call $decodeFloat16 (local.get $from) (local.get $into) (local.get $length) (i32.const 1))))
