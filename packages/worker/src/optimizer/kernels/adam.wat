;; Adam's update of a part of the weights, four float32 at a time (SIMD, 128 bits), in one pass over memory.
;;
;; Compiled into adamBinary.ts by tools/buildKernels.mjs; a test compiles it again and compares.
;;
;; $weights, $gradient, $momentum, $velocity: byte addresses in the memory, of any alignment that is a multiple of 4.
;; $length: in elements; may be 0. Every operation is rounded to float32 by itself, in the vectors as in the rest that
;; fills none, so all machines and all ways of cutting the weights give the same bits.
;;
;;     m = m + gain1 (g - m)                 0 below $least1
;;     v = v + gain2 (g g - v)               0 below $least2
;;     w = w - rate m / (sqrt(v) + epsilon)
;;
;; Averages that fade would end as denormal numbers, and stay: many times as slow as others on some processors.
(module
  (import "env" "memory" (memory 1 65536))

  (func (export "adam")
    (param $weights i32) (param $gradient i32) (param $momentum i32) (param $velocity i32) (param $length i32)
    (param $rate f32) (param $gain1 f32) (param $gain2 f32) (param $epsilon f32)
    (param $least1 f32) (param $least2 f32)
    (local $end i32) (local $vectorEnd i32) (local $g4 v128) (local $m4 v128) (local $v4 v128)
    (local $g f32) (local $m f32) (local $v f32)
    (local.set $end (i32.add (local.get $weights) (i32.shl (local.get $length) (i32.const 2))))
    (local.set $vectorEnd
      (i32.add (local.get $weights) (i32.shl (i32.and (local.get $length) (i32.const -4)) (i32.const 2))))
    (block $vectorsDone
      (loop $vectors
        (br_if $vectorsDone (i32.eq (local.get $weights) (local.get $vectorEnd)))
        (local.set $g4 (v128.load (local.get $gradient)))
        (local.set $m4 (v128.load (local.get $momentum)))
        (local.set $v4 (v128.load (local.get $velocity)))
        (local.set $m4
          (f32x4.add (local.get $m4)
            (f32x4.mul (f32x4.splat (local.get $gain1)) (f32x4.sub (local.get $g4) (local.get $m4)))))
        (local.set $v4
          (f32x4.add (local.get $v4)
            (f32x4.mul (f32x4.splat (local.get $gain2))
              (f32x4.sub (f32x4.mul (local.get $g4) (local.get $g4)) (local.get $v4)))))
        ;; Not "above": what is no number is not below either, and stays.
        (local.set $m4
          (v128.andnot (local.get $m4)
            (f32x4.lt (f32x4.abs (local.get $m4)) (f32x4.splat (local.get $least1)))))
        (local.set $v4
          (v128.andnot (local.get $v4) (f32x4.lt (local.get $v4) (f32x4.splat (local.get $least2)))))
        (v128.store (local.get $momentum) (local.get $m4))
        (v128.store (local.get $velocity) (local.get $v4))
        (v128.store (local.get $weights)
          (f32x4.sub (v128.load (local.get $weights))
            (f32x4.div
              (f32x4.mul (f32x4.splat (local.get $rate)) (local.get $m4))
              (f32x4.add (f32x4.sqrt (local.get $v4)) (f32x4.splat (local.get $epsilon))))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (local.set $gradient (i32.add (local.get $gradient) (i32.const 16)))
        (local.set $momentum (i32.add (local.get $momentum) (i32.const 16)))
        (local.set $velocity (i32.add (local.get $velocity) (i32.const 16)))
        (br $vectors)))
    (block $done
      (loop $rest
        (br_if $done (i32.eq (local.get $weights) (local.get $end)))
        (local.set $g (f32.load (local.get $gradient)))
        (local.set $m (f32.load (local.get $momentum)))
        (local.set $v (f32.load (local.get $velocity)))
        (local.set $m
          (f32.add (local.get $m)
            (f32.mul (local.get $gain1) (f32.sub (local.get $g) (local.get $m)))))
        (local.set $v
          (f32.add (local.get $v)
            (f32.mul (local.get $gain2)
              (f32.sub (f32.mul (local.get $g) (local.get $g)) (local.get $v)))))
        (if (f32.lt (f32.abs (local.get $m)) (local.get $least1)) (then (local.set $m (f32.const 0))))
        (if (f32.lt (local.get $v) (local.get $least2)) (then (local.set $v (f32.const 0))))
        (f32.store (local.get $momentum) (local.get $m))
        (f32.store (local.get $velocity) (local.get $v))
        (f32.store (local.get $weights)
          (f32.sub (f32.load (local.get $weights))
            (f32.div
              (f32.mul (local.get $rate) (local.get $m))
              (f32.add (f32.sqrt (local.get $v)) (local.get $epsilon)))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 4)))
        (local.set $gradient (i32.add (local.get $gradient) (i32.const 4)))
        (local.set $momentum (i32.add (local.get $momentum) (i32.const 4)))
        (local.set $velocity (i32.add (local.get $velocity) (i32.const 4)))
        (br $rest)))))
