cd /tmp/h5-b
export NO_COLOR=1 LOCKSTEP_NO_REPORT=1
LS="node /tmp/h5/packages/cli/bin/lockstep.js"
TIMEFORMAT="%R wall %U user %S sys"
cat > layers.js <<'X'
export const createModel = (tf) => tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
  tf.layers.averagePooling2d({ poolSize: 2 }),
  tf.layers.flatten(),
  tf.layers.dropout({ rate: 0.5 }),
  tf.layers.dense({ units: 10, activation: 'softmax' }),
] });
export const optimizer = 'rmsprop';
X
for i in 1 2; do rm -rf r; echo layers; time $LS train --workers 2 --data-dir good --target-accuracy none --run-dir r --model layers.js --epochs 2 --deterministic --seed 11 --json > l.log 2>&1; done
for e in tensorflow wasm cpu; do for w in 0 2; do rm -rf r; echo "$e $w workers"; time $LS train --model tiny --workers $w --engine $e --epochs 1 --data-dir good --run-dir r --target-accuracy none > /dev/null 2>&1; done; done
echo help; time $LS --help >/dev/null
echo refuse; time $LS train --init-from cut-w.npz --model tiny > /dev/null 2>&1
echo node; time node -e 0
