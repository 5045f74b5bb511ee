import { fromBinary, isFieldSet, toBinary } from '@bufbuild/protobuf';
import { DiptychError } from '../../shared/domain/errors.js';
import {
  ModelProtoSchema,
  TensorProto_DataLocation,
  type GraphProto,
  type ModelProto,
  type TensorProto,
} from './schema/onnx_pb.js';

/** The content of an ONNX file, which always has a graph and every weight in it. */
export type OnnxModel = ModelProto & {
  /** The main graph. */
  graph: GraphProto;
};

/**
 * Reads an ONNX file. Weights and other byte fields are views into `bytes`, which must not change
 * as long as the model is in use.
 *
 * @param path - names the file in messages
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if it is not an ONNX file, or if it stores tensors
 * in other files.
 */
export function decodeOnnx(bytes: Uint8Array, path: string): OnnxModel {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw notOnnx(path, error);
  }
  if (!hasGraph(model) || !isFieldSet(model, ModelProtoSchema.field.irVersion)) throw notOnnx(path);
  if (tensorsIn(model.graph).some(isExternal)) {
    throw new DiptychError('DIPTYCH_E_MODEL', `${path} keeps weights in other files; save it as one file first`);
  }
  return model;
}

/**
 * Writes an ONNX file. The fields of each message come in the order of their numbers, behind them
 * those that the schema does not know, as they were read; the same model gives the same bytes.
 */
export const encodeOnnx = (model: OnnxModel): Uint8Array => toBinary(ModelProtoSchema, model);

const hasGraph = (model: ModelProto): model is OnnxModel => model.graph !== undefined;

/** The constants of a graph: its initializers, and those within nodes. */
const tensorsIn = ({ initializer, node }: GraphProto): readonly TensorProto[] => [
  ...initializer,
  ...node.flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? [])),
];

const isExternal = ({ externalData, dataLocation }: TensorProto): boolean =>
  externalData.length > 0 || dataLocation === TensorProto_DataLocation.EXTERNAL;

const notOnnx = (path: string, cause?: unknown): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `${path} is no ONNX file, or it is cut off`, { cause });
