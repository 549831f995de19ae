/** Which build of TensorFlow: for processors, or for NVIDIA GPUs (CUDA 12), too. */
export type Variant = 'cpu' | 'cuda';

/** A Python package as one zip file, of which only the native libraries are wanted. */
export interface Wheel {
  /** Name on the package index. */
  readonly project: string;
  readonly version: string;
  /** Name of the file; its last part says for which platforms it is (PEP 427). */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Paths inside the wheel that are needed at run time. */
  readonly members: RegExp;
  /** Bytes of those members, unpacked. */
  readonly unpackedBytes: number;
}

/** One native library: the wheels that it is made of, in the layout in which its run path finds them. */
export interface Pin {
  readonly variant: Variant;
  /** Of TensorFlow. */
  readonly version: string;
  /** As Node names them: `linux`, `x64`. */
  readonly platform: string;
  readonly architecture: string;
  /** Path of the library with the C API, in the directory of the installed engine. */
  readonly library: string;
  readonly wheels: readonly Wheel[];
}

const version = '2.21.0';
const linuxLibrary = 'tensorflow/libtensorflow_cc.so.2';
const tensorflowMembers = /^tensorflow\/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)$/;

/**
 * The wheels of CUDA 12.9 that the `and-cuda` extra of TensorFlow 2.21.0 names: the newest in its ranges on
 * 2026-11-21. `ptxas` and `libdevice` are what XLA compiles kernels with.
 */
const cudaWheels: readonly Wheel[] = [
  nvidia(
    'cublas',
    '12.9.3.13',
    'manylinux_2_27_x86_64',
    581_217_458,
    855_064_416,
    'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  ),
  nvidia(
    'cuda-cupti',
    '12.9.79',
    'manylinux_2_25_x86_64',
    10_814_997,
    43_365_768,
    '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
  ),
  nvidia(
    'cuda-nvcc',
    '12.9.86',
    'manylinux2010_x86_64.manylinux_2_12_x86_64',
    40_546_229,
    35_417_224,
    '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  ),
  nvidia(
    'cuda-nvrtc',
    '12.9.86',
    'manylinux2010_x86_64.manylinux_2_12_x86_64',
    89_568_129,
    227_340_992,
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  ),
  nvidia(
    'cuda-runtime',
    '12.9.79',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    3_493_179,
    741_088,
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  ),
  nvidia(
    'cudnn',
    '9.28.0.42',
    'manylinux_2_27_x86_64',
    716_538_495,
    1_162_393_472,
    '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  ),
  nvidia(
    'cufft',
    '11.4.1.4',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    200_877_592,
    293_609_416,
    'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  ),
  nvidia(
    'curand',
    '10.3.10.19',
    'manylinux_2_27_x86_64',
    68_295_626,
    166_965_432,
    '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  ),
  nvidia(
    'cusolver',
    '11.7.5.82',
    'manylinux_2_27_x86_64',
    338_117_415,
    494_975_064,
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  ),
  nvidia(
    'cusparse',
    '12.5.10.65',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    366_465_088,
    486_556_368,
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  ),
  nvidia(
    'nccl',
    '2.32.3',
    'manylinux_2_27_x86_64',
    351_526_311,
    473_614_536,
    'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  ),
  nvidia(
    'nvjitlink',
    '12.9.86',
    'manylinux2010_x86_64.manylinux_2_12_x86_64',
    39_748_338,
    95_935_344,
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  ),
];

/** Everything that `lockstep engine install` can fetch; the only place with versions, sizes and hashes. */
export const pins: readonly Pin[] = [
  {
    variant: 'cpu',
    version,
    platform: 'linux',
    architecture: 'x64',
    library: linuxLibrary,
    wheels: [
      tensorflow(
        'tensorflow-cpu',
        'manylinux_2_27_x86_64',
        273_829_956,
        853_308_936,
        '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      ),
    ],
  },
  {
    // There is no `tensorflow-cpu` for this platform: `tensorflow` is the build for processors here.
    variant: 'cpu',
    version,
    platform: 'linux',
    architecture: 'arm64',
    library: linuxLibrary,
    wheels: [
      tensorflow(
        'tensorflow',
        'manylinux_2_27_aarch64',
        281_828_020,
        883_062_208,
        '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
      ),
    ],
  },
  {
    variant: 'cpu',
    version,
    platform: 'darwin',
    architecture: 'arm64',
    library: 'tensorflow/libtensorflow_cc.2.dylib',
    wheels: [
      tensorflow(
        'tensorflow',
        'macosx_12_0_arm64',
        223_405_849,
        740_805_624,
        '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
      ),
    ],
  },
  {
    variant: 'cuda',
    version,
    platform: 'linux',
    architecture: 'x64',
    library: linuxLibrary,
    wheels: [
      tensorflow(
        'tensorflow',
        'manylinux_2_27_x86_64',
        572_440_367,
        1_259_021_080,
        '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      ),
      ...cudaWheels,
    ],
  },
];

/** Any Python fetches the wheel of CPython 3.11: the native library in it is the same for all. */
function tensorflow(
  project: string,
  platform: string,
  bytes: number,
  unpackedBytes: number,
  sha256: string,
): Wheel {
  const file = `${project.replaceAll('-', '_')}-${version}-cp311-cp311-${platform}.whl`;
  return { project, version, file, bytes, sha256, members: tensorflowMembers, unpackedBytes };
}

function nvidia(
  part: string,
  partVersion: string,
  platform: string,
  bytes: number,
  unpackedBytes: number,
  sha256: string,
): Wheel {
  const project = `nvidia-${part}-cu12`;
  return {
    project,
    version: partVersion,
    file: `${project.replaceAll('-', '_')}-${partVersion}-py3-none-${platform}.whl`,
    bytes,
    sha256,
    members:
      /^nvidia\/\w+\/(lib\/[^/]+\.so[.\d]*|bin\/(ptxas|fatbinary|nvlink)|nvvm\/libdevice\/[^/]+\.bc)$/,
    unpackedBytes,
  };
}

/** `tensorflow-2.21.0-cpu-linux-x64`: the directory of an engine, and its name for people. */
export function nameOf({ version: release, variant, platform, architecture }: Pin): string {
  return `tensorflow-${release}-${variant}-${platform}-${architecture}`;
}
