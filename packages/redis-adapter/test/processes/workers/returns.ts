/** Gives back the arguments it got. */
export default function returns<T>(args: T): T {
  return args;
}
