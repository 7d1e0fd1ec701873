// Imports from this folder, so that bare names are looked up in its node_modules.
export default (specifier) => import(specifier);
