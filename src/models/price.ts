/** `model=input/output`, in US dollars per million tokens. */
export const price = /^([^=\s]+)=(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/;
