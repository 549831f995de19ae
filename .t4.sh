cd /tmp/h5-b
export NO_COLOR=1 LOCKSTEP_NO_REPORT=1
LS="node /tmp/h5/packages/cli/bin/lockstep.js"
TIMEFORMAT="%R wall %U user %S sys"
for e in tensorflow wasm cpu; do for w in 0 2; do rm -rf r; echo "$e $w workers"; time $LS train --model tiny --workers $w --engine $e --epochs 1 --data-dir good --run-dir r --target-accuracy none > /dev/null 2>&1; done; done
echo help; time $LS --help >/dev/null
echo refuse; time $LS train --init-from cut-w.npz --model tiny > /dev/null 2>&1
echo node; time node -e 0
