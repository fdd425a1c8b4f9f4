-- For `vim.lsp.enable('nextline')` (Neovim 0.11 and newer).
return require('nextline.server').config()
