export const activate = {};
