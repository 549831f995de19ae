;; What ranks do with each other's numbers, four float32 at a time (SIMD, 128 bits).
;;
;; Compiled into kernelsBinary.ts by tools/buildKernels.mjs; a test compiles it again and compares.
;;
;; $into, $from, $a, $b: byte addresses in the memory, of any alignment that is a multiple of 4.
;; $length: in elements; may be 0. Every product and every sum is rounded to float32 by itself: WebAssembly
;; has no fused multiply-add outside of its "relaxed" instructions, so all machines give the same bits, and
;; the vector loop gives those of the scalar one.
;; Every kernel goes forward, so that $into may be one of the sources; it may not overlap one otherwise.
;;
;; Each loop takes 8 elements a turn, and then the rest one by one: $vectorEnd is where whole turns end.
(module
  (import "env" "memory" (memory 1 65536))

  ;; into[i] = weight * from[i]
  (func (export "scale")
    (param $into i32) (param $from i32) (param $length i32) (param $weight f32)
    (local $end i32) (local $vectorEnd i32) (local $weights v128)
    (local.set $weights (f32x4.splat (local.get $weight)))
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 2))))
    (local.set $vectorEnd
      (i32.add (local.get $into) (i32.shl (i32.and (local.get $length) (i32.const -8)) (i32.const 2))))
    (block $vectorsDone
      (loop $vectors
        (br_if $vectorsDone (i32.eq (local.get $into) (local.get $vectorEnd)))
        (v128.store (local.get $into)
          (f32x4.mul (local.get $weights) (v128.load (local.get $from))))
        (v128.store offset=16 (local.get $into)
          (f32x4.mul (local.get $weights) (v128.load offset=16 (local.get $from))))
        (local.set $into (i32.add (local.get $into) (i32.const 32)))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (br $vectors)))
    (block $done
      (loop $rest
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (f32.store (local.get $into)
          (f32.mul (local.get $weight) (f32.load (local.get $from))))
        (local.set $into (i32.add (local.get $into) (i32.const 4)))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br $rest))))

  ;; into[i] = into[i] + weight * from[i]
  (func (export "addScaled")
    (param $into i32) (param $from i32) (param $length i32) (param $weight f32)
    (local $end i32) (local $vectorEnd i32) (local $weights v128)
    (local.set $weights (f32x4.splat (local.get $weight)))
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 2))))
    (local.set $vectorEnd
      (i32.add (local.get $into) (i32.shl (i32.and (local.get $length) (i32.const -8)) (i32.const 2))))
    (block $vectorsDone
      (loop $vectors
        (br_if $vectorsDone (i32.eq (local.get $into) (local.get $vectorEnd)))
        (v128.store (local.get $into)
          (f32x4.add (v128.load (local.get $into))
            (f32x4.mul (local.get $weights) (v128.load (local.get $from)))))
        (v128.store offset=16 (local.get $into)
          (f32x4.add (v128.load offset=16 (local.get $into))
            (f32x4.mul (local.get $weights) (v128.load offset=16 (local.get $from)))))
        (local.set $into (i32.add (local.get $into) (i32.const 32)))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (br $vectors)))
    (block $done
      (loop $rest
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (f32.store (local.get $into)
          (f32.add (f32.load (local.get $into))
            (f32.mul (local.get $weight) (f32.load (local.get $from)))))
        (local.set $into (i32.add (local.get $into) (i32.const 4)))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br $rest))))

  ;; into[i] = into[i] + from[i]
  (func (export "add")
    (param $into i32) (param $from i32) (param $length i32)
    (local $end i32) (local $vectorEnd i32)
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 2))))
    (local.set $vectorEnd
      (i32.add (local.get $into) (i32.shl (i32.and (local.get $length) (i32.const -8)) (i32.const 2))))
    (block $vectorsDone
      (loop $vectors
        (br_if $vectorsDone (i32.eq (local.get $into) (local.get $vectorEnd)))
        (v128.store (local.get $into)
          (f32x4.add (v128.load (local.get $into)) (v128.load (local.get $from))))
        (v128.store offset=16 (local.get $into)
          (f32x4.add (v128.load offset=16 (local.get $into)) (v128.load offset=16 (local.get $from))))
        (local.set $into (i32.add (local.get $into) (i32.const 32)))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (br $vectors)))
    (block $done
      (loop $rest
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (f32.store (local.get $into)
          (f32.add (f32.load (local.get $into)) (f32.load (local.get $from))))
        (local.set $into (i32.add (local.get $into) (i32.const 4)))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br $rest))))

  ;; into[i] = weightA * a[i] + weightB * b[i]: the bits of scale and addScaled, in one pass
  (func (export "scaleBoth")
    (param $into i32) (param $a i32) (param $b i32) (param $length i32)
    (param $weightA f32) (param $weightB f32)
    (local $end i32) (local $vectorEnd i32) (local $weightsA v128) (local $weightsB v128)
    (local.set $weightsA (f32x4.splat (local.get $weightA)))
    (local.set $weightsB (f32x4.splat (local.get $weightB)))
    (local.set $end (i32.add (local.get $into) (i32.shl (local.get $length) (i32.const 2))))
    (local.set $vectorEnd
      (i32.add (local.get $into) (i32.shl (i32.and (local.get $length) (i32.const -8)) (i32.const 2))))
    (block $vectorsDone
      (loop $vectors
        (br_if $vectorsDone (i32.eq (local.get $into) (local.get $vectorEnd)))
        (v128.store (local.get $into)
          (f32x4.add
            (f32x4.mul (local.get $weightsA) (v128.load (local.get $a)))
            (f32x4.mul (local.get $weightsB) (v128.load (local.get $b)))))
        (v128.store offset=16 (local.get $into)
          (f32x4.add
            (f32x4.mul (local.get $weightsA) (v128.load offset=16 (local.get $a)))
            (f32x4.mul (local.get $weightsB) (v128.load offset=16 (local.get $b)))))
        (local.set $into (i32.add (local.get $into) (i32.const 32)))
        (local.set $a (i32.add (local.get $a) (i32.const 32)))
        (local.set $b (i32.add (local.get $b) (i32.const 32)))
        (br $vectors)))
    (block $done
      (loop $rest
        (br_if $done (i32.eq (local.get $into) (local.get $end)))
        (f32.store (local.get $into)
          (f32.add
            (f32.mul (local.get $weightA) (f32.load (local.get $a)))
            (f32.mul (local.get $weightB) (f32.load (local.get $b)))))
        (local.set $into (i32.add (local.get $into) (i32.const 4)))
        (local.set $a (i32.add (local.get $a) (i32.const 4)))
        (local.set $b (i32.add (local.get $b) (i32.const 4)))
        (br $rest)))))
