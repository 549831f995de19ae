import { decode, encode } from '@lockstep/core/protocol';
const evil = JSON.parse('{"toString":1,"hasOwnProperty":2,"then":3,"length":-1}');
for (const h of [{kind: evil}, {kind:'state', tensors: evil}, {kind:'state', tensors:[evil]},{kind:'state', tensors:[{name:'x',type:evil,length:1}]},{kind:'hello',protocol:evil},{kind:evil,tensors:[]},{...evil,kind:'hello'}]) {
  try { decode(encode(h as never), 'worker'); } catch (e) { console.log((e as Error).message.slice(0,150), (e as Error).name === 'LockstepError' ? '' : (e as Error).stack); }
}
